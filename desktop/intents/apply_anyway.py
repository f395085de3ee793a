"""Presses a button that is legal now, in place of the press that the world overtook."""

from collections.abc import Mapping

from desktop.intents.context import IntentContext, IntentRefused
from desktop.intents.press_transition import judged_press
from desktop.intents.text_after import TextAfter
from desktop.state.overtaken import TextFate
from desktop.state.pending import Anew


def apply_anyway(
    context: IntentContext,
    op_id: str,
    transition: str,
    values: Mapping[str, str] | None = None,
    texts: TextFate = "leave",
) -> str:
    """A new intent with the present picture as its condition, never the old one again. The values already asked for
    are kept where it is the same step; of the lines written after it `texts` says what becomes. One commit. Returns
    the new id. Raises as judged_press does, IntentRefused (not_queued), DiskFull."""
    op = context.op(op_id)
    if op.kind != "booking.transition" or op.state not in {"rejected", "needs_decision"}:
        raise IntentRefused("not_queued")
    if values is None and op.payload.transition == transition:
        values = op.payload.values
    press = judged_press(context, op.lane, transition, values, instead_of=op_id)
    after = TextAfter(context, op, texts, step=True)
    pressed = [Anew(press.operation, op_id, press.held, press.hold_until)]
    anew = [*after.anew, *pressed] if after.go_first else [*pressed, *after.anew]
    given_up = [*after.given_up, (op_id, f"superseded by {press.operation.op_id}")]
    context.outbox.settle(op.lane, given_up, anew)
    context.committed(op.lane)
    return press.operation.op_id
