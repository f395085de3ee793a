"""Sends something again that failed, or at last what was held for a person's yes."""

from contract.ids import new_id
from contract.operations import Operation
from desktop.intents.context import IntentContext, IntentRefused


def retry(context: IntentContext, op_id: str) -> str:
    """Returns the id now under way: the same one where no server has judged it, else a new one, for a verdict stands.
    Raises IntentRefused (not_queued, on_its_way, waits_for_another), DiskFull."""
    op = context.op(op_id)
    if op.state == "rejected":
        operation = _anew(op.operation, context.clock.moment())
        context.outbox.add(operation, lane_of(operation, op.lane), supersedes=op_id)
        context.committed(op.lane)
        context.committed(lane_of(operation, op.lane))
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


def lane_of(operation: Operation, lane: str) -> str:
    """Where an operation goes that takes the place of one in `lane`. A booking's id is that of the operation that opens
    it, so a new one is a lane of its own."""
    return lane if operation.booking_id else operation.op_id


def _anew(operation: Operation, now: str) -> Operation:
    """The same wish as a new intent. What it expected is left out where that is what it was refused for."""
    expect = None if operation.kind != "booking.transition" else operation.expect
    return Operation(new_id(), operation.kind, operation.booking_id, operation.payload, expect, now)
