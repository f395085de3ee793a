"""Changes the text of a line that the server has not taken, be it the first one of a new booking."""

import msgspec

from contract.operations import Payload, write_payload
from desktop.intents.context import IntentContext, IntentRefused
from desktop.intents.send_message import checked_text
from desktop.intents.supersede import supersede
from desktop.state.pending import PendingOp


def edit_queued(context: IntentContext, op_id: str, text: str) -> str:
    """Returns the id now under way: the same while it has never left this machine, else a new one in its place.
    Raises IntentRefused (not_queued, on_its_way, text_empty, text_too_long), DiskFull."""
    text = checked_text(text)
    op = context.op(op_id)
    if op.kind not in {"message.send", "booking.create"}:
        raise IntentRefused("not_queued")
    payload = msgspec.structs.replace(op.payload, **{"text" if op.kind == "message.send" else "message": text})
    return ask_otherwise(context, op, payload)


def ask_otherwise(context: IntentContext, op: PendingOp, payload: Payload, *, held: bool = False) -> str:
    """Gives an operation that the server has not taken another payload. `held`: where that takes a new operation, it
    waits for a yes. Returns the id now under way. Raises IntentRefused (on_its_way), DiskFull."""
    if op.state in {"failed", "rejected", "needs_decision"}:
        operation = context.operation(op.kind, op.operation.booking_id, payload)
        supersede(context, op, operation, held=held)
        return operation.op_id
    if op.attempts > 0:
        raise IntentRefused("on_its_way")
    operation = msgspec.structs.replace(op.operation, payload=write_payload(payload))
    context.outbox.rewrite(operation)
    context.committed(op.lane)
    return operation.op_id
