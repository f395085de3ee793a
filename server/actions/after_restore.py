"""Shortly after a restore, what an operation speaks of may be on its way back from another desk."""

import uuid

from contract.moments import to_ms
from contract.operations import Operation
from server.store.transactions import WriteTx

NOT_THERE = frozenset({"booking_not_found", "message_not_found"})
COMING_BACK_MS = 120_000
"""So long whoever is connected takes at most to offer again what the restored server does not have."""


def may_come_back(tx: WriteTx, operation: Operation, code: str) -> bool:
    """Whether an operation rejected so was made before this history of the server's began, and that is a moment ago.
    Nothing is recorded then, and the desk asks again; of a booking that is there and not for its eyes as of one that is
    not. An operation that does not say when it was made is judged at once."""
    if code not in NOT_THERE or operation.created_at is None:
        return False
    began = _began_ms(tx.epoch)
    return began is not None and to_ms(operation.created_at) < began <= tx.now_ms < began + COMING_BACK_MS


def _began_ms(epoch: str) -> int | None:
    """The moment in an epoch's id (UUIDv7, RFC 9562)."""
    try:
        found = uuid.UUID(epoch)
    except ValueError:
        return None
    return found.int >> 80 if found.version == 7 else None
