"""Presses a status button."""

from collections.abc import Mapping

from contract.operations import MAX_TEXT, PressTransition
from contract.workflow import Impossible, judge
from server.actions.asked import Asked, Judged, Rejection, checked_name
from server.actions.status_steps import rejection, take_step, what_stands
from server.store.feed import BookingFacts


def press_transition(asked: Asked) -> Judged:
    """Who may press it is the workflow's to say, party to the booking being the condition for everyone. A transition
    whose target stands already is a noop: somebody else was quicker."""
    payload: PressTransition = asked.payload
    booking = asked.booking_in_full_sight()
    return press(asked, booking, checked_name("payload.transition", payload.transition), payload.values)


def press(asked: Asked, booking: BookingFacts, transition: str, values: Mapping[str, str]) -> Judged:
    """Judges a transition by name."""
    for name, value in values.items():
        checked_name("payload.values", name)
        if len(value) > MAX_TEXT:
            raise Rejection("text_too_long", {"value": name, "length": len(value), "limit": MAX_TEXT})
    workflow = asked.workflow_of(booking)
    found = judge(workflow, booking.status, transition, asked.actor.role, values)
    if isinstance(found, Impossible):
        if found.code == "illegal_transition":
            if workflow.transitions[transition].to == booking.status:
                return Judged("noop", version=booking.version)
            require_expected(asked, booking)
        raise rejection(asked.tx, booking, found)
    require_expected(asked, booking)

    def write() -> None:
        take_step(asked, booking, found, values)

    return Judged("applied", write, version=booking.version + 1)


def require_expected(asked: Asked, booking: BookingFacts) -> None:
    """Rejects as stale when the booking is not as the actor saw it: the status decides where it was sent, else the
    version."""
    expect = asked.operation.expect
    if expect is None:
        return
    if expect.status is not None:
        stale = expect.status != booking.status
    else:
        stale = expect.version is not None and expect.version != booking.version
    if stale:
        raise Rejection("stale", what_stands(asked.tx, booking))
