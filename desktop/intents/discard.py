"""Gives up an operation that the server has not taken."""

from desktop.intents.context import IntentContext, IntentRefused


def discard(context: IntentContext, op_id: str) -> str:
    """Returns its text, for the clipboard; the trail keeps that it was. Should it turn out that an attempt of it did
    arrive, its line will show all the same. Raises IntentRefused (not_queued, on_its_way), DiskFull."""
    op = context.op(op_id)
    if op.state == "sending":
        raise IntentRefused("on_its_way")
    context.outbox.move(op_id, "discarded", "by hand" if op.attempts == 0 else "by hand, after an attempt")
    context.committed(op.lane)
    return str(getattr(op.payload, "text", ""))
