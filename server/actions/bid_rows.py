"""Bids as rows: found for somebody who answers one, and moved from one status to the next."""

from typing import Any

import sqlalchemy as sa

from server.actions.asked import Asked, Rejection, checked_name
from server.store.feed import BookingFacts
from server.store.tables import bids, technicians

LIVE = "pending"


def find_bid(asked: Asked, booking: BookingFacts, bid_id: str) -> dict[str, Any]:
    """The bid of that booking; else rejects as not found."""
    this_one = bids.c.id == checked_name("payload.bid_id", bid_id).lower()
    found = asked.tx.one(sa.select(bids).where(this_one, bids.c.booking_id == booking.id))
    if found is None:
        raise Rejection("bid_not_found")
    return found


def live_bid(asked: Asked, booking: BookingFacts) -> dict[str, Any] | None:
    """The actor's own that waits for an answer: there is one at most."""
    return asked.tx.one(sa.select(bids).where(_live(booking), bids.c.technician_id == asked.actor.user_id))


def require_verified(asked: Asked, technician_id: str) -> None:
    """Rejects for who is no verified technician, or no longer one."""
    if not asked.tx.value(sa.select(technicians.c.is_verified).where(technicians.c.id == technician_id)):
        raise Rejection("forbidden", {"problem": "Only verified technicians may bid", "technician_id": technician_id})


def ended(bid: dict[str, Any], status: str) -> bool:
    """Whether it has come to that end already; rejects when it has come to another."""
    if bid["status"] not in (LIVE, status):
        raise Rejection("bid_closed", {"status": bid["status"]})
    return bool(bid["status"] == status)


def set_status(asked: Asked, bid_id: str, status: str) -> None:
    _write_status(asked, bids.c.id == bid_id, status)


def decline_rest(asked: Asked, booking: BookingFacts) -> None:
    """All of the booking's that still wait for an answer."""
    _write_status(asked, _live(booking), "declined")


def _write_status(asked: Asked, which: sa.ColumnElement[bool], status: str) -> None:
    values = {"status": status, "updated_at": asked.tx.now, "op_id": asked.operation.op_id}
    asked.tx.execute(sa.update(bids).where(which).values(**values))


def _live(booking: BookingFacts) -> sa.ColumnElement[bool]:
    return sa.and_(bids.c.booking_id == booking.id, bids.c.status == LIVE)
