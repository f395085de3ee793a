"""Presses a button that is legal now, in place of the press that the world overtook."""

from collections.abc import Mapping

from desktop.intents.context import IntentContext, IntentRefused
from desktop.intents.press_transition import press_transition


def apply_anyway(context: IntentContext, op_id: str, transition: str, values: Mapping[str, str] | None = None) -> str:
    """A new intent with the present picture as its condition, never the old one again. The values already asked for
    are kept where it is the same step. Returns the new id. Raises as press_transition does."""
    op = context.op(op_id)
    if op.kind != "booking.transition" or op.state not in {"rejected", "needs_decision"}:
        raise IntentRefused("not_queued")
    if values is None and op.payload.transition == transition:
        values = op.payload.values
    return press_transition(context, op.lane, transition, values, supersedes=op_id)
