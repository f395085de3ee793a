"""Accepts that the world went another way."""

from desktop.intents.context import IntentContext, IntentRefused
from desktop.intents.text_after import TextAfter
from desktop.state.overtaken import TextFate


def dismiss_conflict(context: IntentContext, op_id: str, texts: TextFate = "leave") -> None:
    """The card goes, what stands stays; of the lines written after the press `texts` says what becomes. One commit.
    Raises IntentRefused (not_queued, forbidden, booking_closed), DiskFull."""
    op = context.op(op_id)
    if op.state not in {"rejected", "needs_decision", "blocked", "failed"}:
        raise IntentRefused("not_queued")
    after = TextAfter(context, op, texts, step=False)
    context.outbox.settle(op.lane, [*after.given_up, (op_id, "dismissed")], after.anew)
    context.committed(op.lane)
