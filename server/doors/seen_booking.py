"""The booking that somebody asks for, or the refusal: what is not to be seen is as good as not there."""

from contract.actors import Actor
from contract.errors import Refusal
from contract.permissions import Sight
from server.access.visibility import Visibility
from server.store.bookings import resolve_booking
from server.store.feed import BookingFacts
from server.store.transactions import ReadTx


def seen_booking(tx: ReadTx, visibility: Visibility, actor: Actor, reference: str, least: Sight) -> BookingFacts:
    """The booking with this id or code. Refusal `booking_not_found` when it is not visible at all, so that nobody
    learns what exists, and `forbidden` when it is, but less than `least`."""
    facts = resolve_booking(tx, reference)
    sight = visibility.sight(actor, facts)
    if facts is None or sight == Sight.NONE:
        raise Refusal("booking_not_found", {"booking": reference[:64]})
    if sight < least:
        raise Refusal("forbidden", {"booking": facts.code})
    return facts
