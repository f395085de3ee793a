"""Does what a person decided of a press that was overtaken."""

from collections.abc import Mapping

from desktop.intents.apply_anyway import apply_anyway
from desktop.intents.context import IntentContext
from desktop.intents.dismiss_conflict import dismiss_conflict
from desktop.state.overtaken import Choice


def decide(context: IntentContext, op_id: str, choice: Choice, values: Mapping[str, str]) -> None:
    """One commit. Whoever asks first has decided nothing. Raises as dismiss_conflict and apply_anyway do."""
    if choice.verb == "keep":
        dismiss_conflict(context, op_id, choice.texts)
    elif choice.verb == "step":
        apply_anyway(context, op_id, choice.transition, values or None, choice.texts)
