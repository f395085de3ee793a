"""Declines somebody's bid, or withdraws one's own (C-21)."""

from contract.operations import AnswerBid
from contract.workflow import may_answer_bids
from server.actions.asked import NOTHING_TO_DO, Asked, Judged, Rejection
from server.actions.bid_rows import answer, ended, find_bid, set_status


def decline_bid(asked: Asked) -> Judged:
    """By those who might accept it. The job stays on offer; the bidder may bid again."""
    payload: AnswerBid = asked.payload
    booking = asked.booking_in_full_sight()
    if not may_answer_bids(asked.workflow_of(booking), asked.actor.role):
        raise Rejection("forbidden", {"role": asked.actor.role})
    bid = find_bid(asked, booking, payload.bid_id)
    if ended(bid, "declined"):
        return NOTHING_TO_DO
    return Judged("applied", lambda: answer(asked, booking, bid, "declined"))


def withdraw_bid(asked: Asked) -> Judged:
    """By its bidder, whether or not the job is still on offer and in sight."""
    payload: AnswerBid = asked.payload
    asked.require("bid.place")
    bid = None if asked.booking is None else find_bid(asked, asked.booking, payload.bid_id)
    if bid is None or bid["technician_id"] != asked.actor.user_id:
        raise Rejection("bid_not_found")
    if ended(bid, "withdrawn"):
        return NOTHING_TO_DO
    return Judged("applied", lambda: set_status(asked, bid, "withdrawn"))
