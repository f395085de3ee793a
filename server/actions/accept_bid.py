"""Accepts a bid: the bidder gets the job, and the others are declined (C-21)."""

from contract.operations import AnswerBid
from contract.workflow import Impossible, judge_acceptance
from server.actions.asked import Asked, Judged, Rejection
from server.actions.bid_rows import answer, ended, find_bid, require_verified
from server.actions.press_transition import require_expected
from server.actions.status_steps import rejection, take_step


def accept_bid(asked: Asked) -> Judged:
    """The workflow says who may, and which of its steps comes with it, system message and all, in one transaction.
    Accepted already is a noop."""
    payload: AnswerBid = asked.payload
    booking = asked.booking_in_full_sight()
    step = judge_acceptance(asked.workflow_of(booking), booking.status, asked.actor.role)
    if isinstance(step, Impossible) and step.code == "forbidden":
        raise rejection(asked.tx, booking, step)
    bid = find_bid(asked, booking, payload.bid_id)
    if ended(bid, "accepted"):
        return Judged("noop", version=booking.version)
    if isinstance(step, Impossible):
        raise rejection(asked.tx, booking, step)
    if booking.provider_id is not None:
        raise Rejection("bids_closed", {"provider_id": booking.provider_id})
    require_verified(asked, bid["technician_id"])
    require_expected(asked, booking)

    def write() -> None:
        answer(asked, booking, bid, "accepted")
        take_step(asked, booking, step, {}, {"provider_id": bid["technician_id"]})

    return Judged("applied", write, version=booking.version + 1)
