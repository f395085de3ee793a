"""Finds a message for somebody who wants to answer, change or remove it."""

from typing import Any

import sqlalchemy as sa

from contract.actors import STAFF
from server.actions.asked import Asked, Rejection
from server.store.feed import BookingFacts
from server.store.tables import messages


def find_message(asked: Asked, booking: BookingFacts, message_id: str) -> dict[str, Any]:
    """The row, of this booking and visible to the actor, who has full sight of it; else rejects as not found."""
    row = asked.tx.one(
        sa.select(messages).where(messages.c.id == message_id.lower(), messages.c.booking_id == booking.id)
    )
    if row is None or (row["kind"] == "note" and asked.actor.role not in STAFF):
        raise Rejection("message_not_found")
    return row
