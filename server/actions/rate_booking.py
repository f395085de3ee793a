"""Keeps what the customer says of a booking that is over: stars from 1 to 5, and words (E-15)."""

from typing import Any

import msgspec
import sqlalchemy as sa

from contract.errors import Refusal
from contract.operations import BEST_RATING, RateBooking
from contract.workflow import asks_rating
from server.actions.asked import NOTHING_TO_DO, Asked, Judged, Rejection
from server.actions.status_steps import what_stands
from server.store.tables import bookings

MAX_FEEDBACK = 2_000
"""Characters."""


def rate_booking(asked: Asked) -> Judged:
    """In a status whose step asks for it. It is kept among the booking's own fields, where the desk shows it; said
    again, it replaces what was said before."""
    payload: RateBooking = asked.payload
    booking = asked.booking_in_full_sight()
    asked.require("booking.rate")
    if not asks_rating(asked.workflow_of(booking), booking.status):
        raise Rejection("illegal_transition", what_stands(asked.tx, booking))
    given = _checked(payload)
    now = asked.tx.value(sa.select(bookings.c.fields).where(bookings.c.id == booking.id))
    fields = now if isinstance(now, dict) else {}
    if given.items() <= fields.items():
        return NOTHING_TO_DO
    version = booking.version + 1
    changed = {"fields": {**fields, **given}, "version": version, "updated_at": asked.tx.now}

    def write() -> None:
        asked.tx.update_booking(booking.id, {**changed, "op_id": asked.operation.op_id})

    return Judged("applied", write, version=version)


def _checked(payload: RateBooking) -> dict[str, Any]:
    """What is said; raises Refusal `invalid_payload` for what nobody can mean, and rejects endless words."""
    given = {name: value for name, value in msgspec.structs.asdict(payload).items() if value is not msgspec.UNSET}
    if payload.rating is not msgspec.UNSET and not 1 <= payload.rating <= BEST_RATING:
        raise Refusal("invalid_payload", {"field": "payload.rating", "problem": f"Expected 1 to {BEST_RATING}"})
    if len(given.get("feedback", "")) > MAX_FEEDBACK:
        raise Rejection("text_too_long", {"length": len(given["feedback"]), "limit": MAX_FEEDBACK})
    return given
