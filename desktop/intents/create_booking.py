"""Opens a new booking."""

from contract.operations import CreateBooking
from contract.permissions import may
from desktop.intents.context import IntentContext, IntentRefused
from desktop.intents.send_message import checked_text


def create_booking(context: IntentContext, payload: CreateBooking) -> str:
    """The new booking's id is the operation's, so lines may be written to it before the server has it. Raises
    IntentRefused (forbidden, workflow_not_found, text_empty, text_too_long), DiskFull."""
    me = context.who()
    workflow = context.workflows.get(payload.workflow)
    if workflow is None:
        raise IntentRefused("workflow_not_found")
    if not may(me.role, "booking.create") or (me.role != "service" and me.role not in workflow.create_by):
        raise IntentRefused("forbidden")
    if payload.message is not None:
        checked_text(payload.message)
    operation = context.operation("booking.create", None, payload)
    context.outbox.add(operation, operation.op_id)
    context.committed(operation.op_id)
    return operation.op_id
