"""Reads and writes marks in one conversation: how far a participant's devices and eyes have it."""

import sqlalchemy as sa

from contract.actors import Actor
from server.store.prepared import Prepared
from server.store.tables import receipts
from server.store.transactions import WriteTx

_OWN = Prepared(
    sa.select(receipts.c.delivered_position, receipts.c.read_position).where(receipts.c.id == sa.bindparam("id"))
)
_OF_SIDE = Prepared(
    sa.select(sa.func.max(receipts.c.delivered_position)).where(
        receipts.c.booking_id == sa.bindparam("booking_id"), receipts.c.side == sa.bindparam("side")
    )
)


def own_marks(tx: WriteTx, actor: Actor, booking_id: str) -> tuple[int, int]:
    """(delivered, read) position of this person; zeros when there is no mark yet."""
    found = tx.fetch(_OWN, _id(actor, booking_id))
    return (found[0][0], found[0][1]) if found else (0, 0)


def delivered_to_side(tx: WriteTx, side: str, booking_id: str) -> int:
    """The position up to which anybody of that side has confirmed; zero when nobody has."""
    return tx.fetch(_OF_SIDE, booking_id, side)[0][0] or 0


def write_marks(tx: WriteTx, actor: Actor, booking_id: str, *, delivered: int, read: int | None = None) -> None:
    """Moves the marks up; the caller has seen to it that they do not move down."""
    moved: dict[str, int | str] = {"delivered_position": delivered, "delivered_at": tx.now}
    if read is not None:
        moved |= {"read_position": read, "read_at": tx.now}
    fresh = {"booking_id": booking_id, "user_id": actor.user_id, "side": actor.side}
    tx.put(receipts, {"id": _id(actor, booking_id)}, fresh, moved)


def _id(actor: Actor, booking_id: str) -> str:
    return f"{booking_id}:{actor.user_id}"
