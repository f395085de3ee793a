"""Presses whichever button leads to a wanted status: the seeds' way (B-04)."""

from contract.operations import SetStatus
from contract.workflow import buttons, transition_to
from server.actions.asked import Asked, Judged, Rejection, checked_name
from server.actions.press_transition import press, require_expected
from server.actions.status_steps import what_stands


def set_status(asked: Asked) -> Judged:
    """Becomes the transition that leads there from where the booking is; a status that stands already is a noop."""
    payload: SetStatus = asked.payload
    booking = asked.booking_in_full_sight()
    workflow = asked.workflow_of(booking)
    wanted = checked_name("payload.status", payload.status)
    if wanted not in workflow.statuses:
        raise Rejection("unknown_transition", {"status": wanted, "known": list(workflow.statuses)})
    role = asked.actor.role
    leading = [found for found in workflow.transitions.values() if found.to == wanted]
    if leading and role != "service" and not any(role in found.by for found in leading):
        raise Rejection("forbidden", {"status": wanted, "role": role})
    if wanted == booking.status:
        return Judged("noop", version=booking.version)
    name = transition_to(workflow, booking.status, wanted, role)
    if name is None:
        require_expected(asked, booking)
        legal = [name for name, _ in buttons(workflow, booking.status, role)]
        raise Rejection("illegal_transition", what_stands(asked.tx, booking) | {"wanted": wanted, "legal": legal})
    return press(asked, booking, name, payload.values)
