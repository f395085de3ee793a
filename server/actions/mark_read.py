"""Notes that somebody has had a message on screen."""

import sqlalchemy as sa

from contract.actors import Actor
from contract.permissions import Sight
from server.access.visibility import sight_as_party
from server.actions.receipt_marks import own_marks, write_marks
from server.store.bookings import resolve_booking
from server.store.prepared import Prepared
from server.store.tables import messages
from server.store.transactions import WriteTx

_NEWEST = Prepared(
    sa.select(sa.func.max(messages.c.position)).where(messages.c.booking_id == sa.bindparam("booking_id"))
)


def mark_read(tx: WriteTx, actor: Actor, booking_id: str, position: int) -> bool:
    """Whether that person's mark moved. Read implies delivered. Marks never move back, nor past the newest message;
    for a booking not in full sight nothing happens."""
    booking = resolve_booking(tx, booking_id)
    if booking is None or sight_as_party(actor, booking) != Sight.FULL:
        return False
    if position <= tx.delivery.read_position(booking.id, actor.user_id):
        return False
    delivered, read = own_marks(tx, actor, booking.id)
    position = min(position, tx.fetch(_NEWEST, booking.id)[0][0] or 0)
    if position <= read:
        return False
    write_marks(tx, actor, booking.id, delivered=max(delivered, position), read=position)
    return True
