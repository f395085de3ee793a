"""Notes that somebody's device has messages on disk."""

import sqlalchemy as sa

from contract.actors import Actor
from contract.permissions import Sight
from server.access.visibility import sight_as_party
from server.actions.asked import checked_name
from server.actions.receipt_marks import own_marks, write_marks
from server.store.prepared import Prepared
from server.store.tables import devices, receipts
from server.store.transactions import WriteTx

_OF_SIDE = Prepared(
    sa.select(sa.func.max(receipts.c.delivered_position)).where(
        receipts.c.booking_id == sa.bindparam("booking_id"), receipts.c.side == sa.bindparam("side")
    )
)


def mark_delivered(tx: WriteTx, actor: Actor, device_id: str, cursor: int) -> int:
    """How many marks moved: one per conversation of which this device's cursor confirms more than any of its side
    has confirmed. A cursor that tells nothing new costs no statement. Raises Refusal for an endless device's name."""
    checked_name("device_id", device_id)
    moved = 0
    tx.remember(lambda: tx.delivery.confirmed(device_id, cursor))
    for booking_id, position in tx.delivery.unconfirmed(device_id, actor.side, cursor).items():
        booking = tx.facts(booking_id)
        if booking is None or sight_as_party(actor, booking) != Sight.FULL:
            continue
        if (tx.fetch(_OF_SIDE, booking_id, actor.side)[0][0] or 0) >= position:
            continue
        delivered, _ = own_marks(tx, actor, booking_id)
        write_marks(tx, actor, booking_id, delivered=max(delivered, position))
        moved += 1
    if moved:
        _note_device(tx, actor, device_id, cursor)
    return moved


def _note_device(tx: WriteTx, actor: Actor, device_id: str, cursor: int) -> None:
    tx.put(devices, {"device_id": device_id}, {}, {"user_id": actor.user_id, "cursor": cursor, "seen_at": tx.now})
