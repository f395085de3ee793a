"""Finds a booking by whatever name someone has for it."""

from contract.ids import canonical_code, canonical_id
from server.store.feed import BookingFacts
from server.store.transactions import ReadTx


def resolve_booking(tx: ReadTx, id_or_code: str) -> BookingFacts | None:
    """The facts of the booking with this id or code, in any letter case (X-06, B-08); None when there is none."""
    known = tx.facts_in_memory(id_or_code)
    if known is not None:
        return known
    booking_id = canonical_id(id_or_code)
    if booking_id is not None:
        return tx.facts(booking_id)
    code = canonical_code(id_or_code)
    return None if code is None else tx.facts_by_code(code)
