"""Gives a booking to someone at the desk, or back to the queue."""

from contract.operations import Assign, Expect
from contract.permissions import may
from desktop.intents.context import IntentContext, IntentRefused
from desktop.state.op_state import UNSENT


def assign(context: IntentContext, booking_id: str, assignee_id: str | None) -> str:
    """None gives it back. Conditional on the booking as it was seen, unless something of ours that changes it is still
    on its way. Returns the operation's id. Raises IntentRefused (forbidden, booking_not_found), DiskFull."""
    if not may(context.who().role, "booking.assign"):
        raise IntentRefused("forbidden")
    booking = context.booking(booking_id)
    on_its_way = any(
        op.state in UNSENT and op.kind in {"booking.transition", "booking.assign"}
        for op in context.outbox.unsent_of(booking_id)
    )
    expect = None if on_its_way else Expect(version=booking.version)
    operation = context.operation("booking.assign", booking_id, Assign(assignee_id=assignee_id), expect)
    context.outbox.add(operation, booking_id)
    context.committed(booking_id)
    return operation.op_id
