"""Notes that a client that cannot say so itself has had the messages of one booking, up to a position."""

from contract.actors import Actor
from contract.permissions import Sight
from server.access.visibility import sight_as_party
from server.actions.receipt_marks import own_marks, write_marks
from server.store.transactions import WriteTx


def mark_received(tx: WriteTx, actor: Actor, booking_id: str, position: int) -> bool:
    """Whether that person's mark moved. `position` is of a message that was sent to them. Marks never move back; for a
    booking not in full sight nothing happens."""
    booking = tx.facts(booking_id)
    if booking is None or sight_as_party(actor, booking) != Sight.FULL:
        return False
    delivered, _ = own_marks(tx, actor, booking_id)
    if position <= delivered:
        return False
    write_marks(tx, actor, booking_id, delivered=position)
    return True
