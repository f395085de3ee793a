"""Bids as rows: found for somebody who answers one, and moved from one status to the next."""

from collections.abc import Mapping
from typing import Any, Literal

import sqlalchemy as sa

from contract.rows import Texts
from contract.workflow import fill
from server.actions.asked import Asked, Rejection, checked_name
from server.actions.notify import notify
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


def open_bid(asked: Asked, booking: BookingFacts) -> dict[str, Any] | None:
    """The actor's own that nobody has answered: the one that waits for it, else the newest one withdrawn."""
    own = sa.and_(bids.c.booking_id == booking.id, bids.c.technician_id == asked.actor.user_id)
    unanswered = sa.select(bids).where(own, bids.c.status.in_((LIVE, "withdrawn")))
    return asked.tx.one(unanswered.order_by(bids.c.status != LIVE, bids.c.created_at.desc(), bids.c.id.desc()))


def require_verified(asked: Asked, technician_id: str) -> None:
    """Rejects for who is no verified technician, or no longer one."""
    if not asked.tx.value(sa.select(technicians.c.is_verified).where(technicians.c.id == technician_id)):
        raise Rejection("forbidden", {"problem": "Only verified technicians may bid", "technician_id": technician_id})


def ended(bid: dict[str, Any], status: str) -> bool:
    """Whether it has come to that end already; rejects when it has come to another."""
    if bid["status"] not in (LIVE, status):
        raise Rejection("bid_closed", {"status": bid["status"]})
    return bool(bid["status"] == status)


def answer(asked: Asked, booking: BookingFacts, bid: dict[str, Any], end: Literal["accepted", "declined"]) -> None:
    """Writes the answer, and tells the bidder."""
    set_status(asked, bid, end)
    rule = asked.workflow_of(booking).bids
    if rule is not None:
        texts = rule.accepted if end == "accepted" else rule.declined
        notify(asked, booking, (bid["technician_id"],), f"bid_{end}", _about(bid, texts), bid["id"])


def answer_rest(asked: Asked, booking: BookingFacts, given_to: str | None) -> None:
    """All of the booking's that still wait for an answer: of whoever has the job it is yes, of the others no."""
    for bid in asked.tx.rows(sa.select(bids).where(_live(booking)).order_by(bids.c.id)):
        answer(asked, booking, bid, "accepted" if bid["technician_id"] == given_to else "declined")


def set_status(asked: Asked, bid: dict[str, Any], status: str) -> None:
    values = {"status": status, "updated_at": asked.tx.now, "op_id": asked.operation.op_id}
    asked.tx.execute(sa.update(bids).where(bids.c.id == bid["id"]).values(**values))


def tell_customer(asked: Asked, booking: BookingFacts, bid: Mapping[str, Any]) -> None:
    """That there is a bid."""
    rule = asked.workflow_of(booking).bids
    if rule is not None:
        notify(asked, booking, (booking.customer_id,), "bid_placed", _about(bid, rule.placed), bid["id"])


def _about(bid: Mapping[str, Any], texts: Texts) -> Texts:
    amount = f"{bid['amount']:,.3f}".rstrip("0").rstrip(".")
    price = f"{amount} {bid['currency']}" if bid["currency"] else amount
    return {lang: fill(text, {"name": bid["technician_name"], "amount": price}) for lang, text in texts.items()}


def _live(booking: BookingFacts) -> sa.ColumnElement[bool]:
    return sa.and_(bids.c.booking_id == booking.id, bids.c.status == LIVE)
