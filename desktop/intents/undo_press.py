"""Takes a pressed status button back while it is still here."""

from desktop.intents.context import IntentContext


def undo_press(context: IntentContext, op_id: str) -> bool:
    """False when it is too late: the press has been sent, and only another press can follow it."""
    op = context.outbox.get(op_id)
    if op is None or op.kind != "booking.transition" or op.attempts > 0 or op.state not in {"queued", "held"}:
        return False
    context.outbox.move(op_id, "discarded", "undone")
    context.committed(op.lane)
    return True
