"""Who a request speaks for, as its token says and the directory confirms."""

import msgspec

from contract.actors import Actor


class Identity(msgspec.Struct, frozen=True):
    """`session_id` is None for the service key. `expires_at` is in seconds since 1970."""

    actor: Actor
    session_id: str | None
    expires_at: float
    email: str | None = None
