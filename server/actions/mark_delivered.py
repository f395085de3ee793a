"""Notes that somebody's device has messages on disk."""

from contract.actors import Actor
from contract.permissions import Sight
from server.access.visibility import sight_as_party
from server.actions.asked import checked_name
from server.actions.receipt_marks import delivered_to_side, own_marks, write_marks
from server.store.tables import devices
from server.store.transactions import WriteTx


def mark_delivered(tx: WriteTx, actor: Actor, device_id: str, cursor: int) -> int:
    """How many marks moved: one per conversation of which this device's cursor confirms more than any of its side
    has confirmed. A cursor that tells nothing new costs no statement. Raises Refusal for an endless device's name."""
    checked_name("device_id", device_id)
    moved = 0
    settled = min(cursor, tx.read_upto)  # of later lines, had from elsewhere, nothing is known here yet
    # What one person may not see is not settled for whoever signs in there next, or for them with other departments.
    holder = "/".join((device_id, actor.user_id, actor.role, *actor.departments))
    tx.remember(lambda: tx.delivery.confirmed(holder, settled))
    for booking_id, position in tx.delivery.unconfirmed(holder, actor.side, cursor).items():
        booking = tx.facts(booking_id)
        if booking is None or sight_as_party(actor, booking) != Sight.FULL:
            continue
        if delivered_to_side(tx, actor.side, booking_id) >= position:
            continue
        delivered, _ = own_marks(tx, actor, booking_id)
        write_marks(tx, actor, booking_id, delivered=max(delivered, position))
        moved += 1
    if moved:
        _note_device(tx, actor, device_id, cursor)
    return moved


def _note_device(tx: WriteTx, actor: Actor, device_id: str, cursor: int) -> None:
    tx.put(devices, {"device_id": device_id}, {}, {"user_id": actor.user_id, "cursor": cursor, "seen_at": tx.now})
