"""What an operation is, in the operator's words: the message's text, the button's label."""

from contract.workflow import Workflow, in_language
from desktop.state.lines import Me
from desktop.state.pending import PendingOp, target_of


def in_words(op: PendingOp, workflow: Workflow | None, me: Me) -> str:
    payload = op.payload
    if op.kind == "booking.transition":
        found = workflow.transitions.get(payload.transition) if workflow else None
        label = in_language(found.button, me.lang) if found else ""
        return label or target_of(op, workflow) or payload.transition
    if op.kind == "booking.create":
        said = (payload.customer_name, payload.title or payload.message)
        return " · ".join(part for part in said if part)
    text = getattr(payload, "text", None) or getattr(payload, "title", None) or getattr(payload, "message", None)
    return str(text or "")
