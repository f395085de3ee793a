"""Accepts that the world went another way."""

from desktop.intents.context import IntentContext, IntentRefused


def dismiss_conflict(context: IntentContext, op_id: str) -> None:
    """The card goes, what stands stays. Raises IntentRefused (not_queued), DiskFull."""
    op = context.op(op_id)
    if op.state not in {"rejected", "needs_decision", "blocked", "failed"}:
        raise IntentRefused("not_queued")
    context.outbox.move(op_id, "discarded", "dismissed")
    context.committed(op.lane)
