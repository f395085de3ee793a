"""Gives up an operation that the server has not taken."""

from desktop.intents.context import IntentContext, IntentRefused
from desktop.state.pending import PendingOp


def discard(context: IntentContext, op_id: str) -> str:
    """With a booking's own creation goes all that was done in it: there will be no booking to do it in. Returns the
    text of it all, for the clipboard; the trail keeps that it was. Should it turn out that an attempt of it did arrive,
    its line will show all the same. One commit. Raises IntentRefused (not_queued, on_its_way), DiskFull."""
    op = context.op(op_id)
    done_in_it = [each for each in context.outbox.unfinished_in(op_id) if each.op_id != op_id]
    given_up = [op, *done_in_it]
    if any(each.state == "sending" for each in given_up):
        raise IntentRefused("on_its_way")
    # The newest first, so that none is asked about for the sake of an earlier one.
    context.outbox.settle(op.lane, [(each.op_id, _why(each)) for each in reversed(given_up)], ())
    context.committed(op.lane)
    return "\n".join(text for each in given_up if (text := _text(each)))


def _why(op: PendingOp) -> str:
    return "by hand" if op.attempts == 0 else "by hand, after an attempt"


def _text(op: PendingOp) -> str:
    found: str | None = getattr(op.payload, "message" if op.kind == "booking.create" else "text", "")
    return found or ""
