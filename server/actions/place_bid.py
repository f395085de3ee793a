"""Bids for a job on offer, changes one's bid, or renews one that was withdrawn (C-21)."""

import math
import re

import sqlalchemy as sa

from contract.errors import Refusal
from contract.operations import MAX_TEXT, PlaceBid
from server.access.marketplace import is_on_offer
from server.actions.asked import Asked, Judged, Rejection
from server.actions.bid_rows import LIVE, open_bid, require_verified, tell_customer
from server.store.tables import bids

MOST = 1e9
"""More is a slip of the hand."""
_CURRENCY = re.compile("[A-Z]{3}")


def place_bid(asked: Asked) -> Judged:
    """Of verified technicians, who see the job redacted. The same bid again is a noop. The customer is told once of
    each bid, or withdrawing and bidding again would push all else that they were told out of sight."""
    payload: PlaceBid = asked.payload
    booking = asked.booking_in_sight()
    asked.require("bid.place")
    workflow = asked.workflow_of(booking)
    if workflow.bids is None or not is_on_offer(workflow, booking):
        raise Rejection("bids_closed", {"status": booking.status})
    actor, tx, op_id = asked.actor, asked.tx, asked.operation.op_id
    require_verified(asked, actor.user_id)
    offer = {
        "amount": _checked_amount(payload),
        "currency": payload.currency,
        "message": payload.message,
        "status": LIVE,
    }
    before = open_bid(asked, booking)
    bid_id = op_id if before is None else before["id"]
    if before is not None and all(before[name] == value for name, value in offer.items()):
        return Judged("noop", result={"id": bid_id})

    def write() -> None:
        if before is not None:
            changed = sa.update(bids).where(bids.c.id == bid_id)
            tx.execute(changed.values(**offer, updated_at=tx.now, op_id=op_id))
            return
        bidder = {"technician_id": actor.user_id, "technician_name": actor.name}
        row = {"id": bid_id, "booking_id": booking.id, **bidder, **offer, "created_at": tx.now, "updated_at": tx.now}
        tx.execute(sa.insert(bids).values(**row, op_id=op_id))
        tell_customer(asked, booking, row)

    return Judged("applied", write, result={"id": bid_id})


def _checked_amount(payload: PlaceBid) -> float:
    """In thousandths at the finest; raises Refusal `invalid_payload` for what is no price."""
    amount = round(payload.amount, 3) if math.isfinite(payload.amount) else 0.0
    if not 0 < amount <= MOST:
        raise Refusal("invalid_payload", {"field": "payload.amount", "problem": "Expected more than 0, up to 10⁹"})
    if payload.currency is not None and not _CURRENCY.fullmatch(payload.currency):
        raise Refusal("invalid_payload", {"field": "payload.currency", "problem": "Expected three letters, as AED"})
    if len(payload.message) > MAX_TEXT:
        raise Rejection("text_too_long", {"length": len(payload.message), "limit": MAX_TEXT})
    return amount
