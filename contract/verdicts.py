"""What the server says of an operation. Stored with it, so that every retry hears the same."""

from typing import Any, Literal

import msgspec

VerdictKind = Literal["applied", "noop", "rejected", "retry"]


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`applied`: done at `seq`. `noop`: it was already so. `rejected`: never, `code` says why and `current` what
    stands instead. `retry`: nothing was recorded, send the same operation again."""

    op_id: str
    verdict: VerdictKind
    seq: int | None = None
    """The feed has passed the operation's effects once it has passed this number."""
    version: int | None = None
    code: str | None = None
    message: str | None = None
    current: dict[str, Any] | None = None
    """For a stale or illegal transition: {status, version, by, by_name, at, transition, op_id}."""
    result: dict[str, Any] | None = None
    """What a creation made: {id, code}."""


class OpsRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of POST /sync/v1/ops and payload of the socket's `ops`. `ops` are Operation objects, at most 50."""

    device_id: str
    ops: list[msgspec.Raw]
    epoch: str | None = None


class OpsReply(msgspec.Struct, frozen=True):
    epoch: str
    head: int
    verdicts: list[Verdict]
