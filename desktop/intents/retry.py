"""Sends something again that failed, or at last what was held for a person's yes."""

from contract.ids import new_id
from contract.operations import Operation
from desktop.intents.context import IntentContext, IntentRefused
from desktop.intents.supersede import supersede


def retry(context: IntentContext, op_id: str) -> str:
    """Returns the id now under way: the same one where no server has judged it, else a new one, for a verdict stands.
    Raises IntentRefused (not_queued, on_its_way, waits_for_another), DiskFull."""
    op = context.op(op_id)
    if op.state == "rejected":
        operation = _anew(op.operation, context.moment_of_click())
        supersede(context, op, operation)
        return operation.op_id
    if op.state in {"held", "needs_decision", "failed"}:
        context.outbox.move(op_id, "confirmed", "asked for")
    elif op.state == "sending":
        raise IntentRefused("on_its_way")
    elif op.state == "blocked":
        raise IntentRefused("waits_for_another")
    else:
        context.outbox.hurry(op_id)
    context.committed(op.lane)
    return op_id


def _anew(operation: Operation, now: str) -> Operation:
    """The same wish as a new intent. What it expected is left out where that is what it was refused for."""
    expect = None if operation.kind != "booking.transition" else operation.expect
    return Operation(new_id(), operation.kind, operation.booking_id, operation.payload, expect, now)
