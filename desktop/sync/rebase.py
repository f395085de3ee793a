"""Presses made on a picture that is gone: found before they are sent, by the engine the server itself uses."""

from collections.abc import Sequence

from contract.workflow import Impossible, Workflow, judge
from desktop.state.pending import PendingOp


def overtaken(status: str, ops: Sequence[PendingOp], workflow: Workflow, role: str) -> list[str]:
    """Ids of the presses, among one booking's unsent operations oldest first, that a person must look at again now
    that the booking stands at `status`.

    An operation that was on the wire is never judged here: it may have been applied, only the server knows. A press
    whose target already stands is left alone too: the server will call it a noop.
    """
    found: list[str] = []
    for op in ops:
        if op.kind != "booking.transition":
            continue
        transition = workflow.transitions.get(op.payload.transition)
        target = transition.to if transition else None
        if op.state not in {"queued", "held"} or op.attempts > 0:
            if op.state in {"queued", "sending", "sent"}:
                status = target or status
            continue
        if status == target:
            continue
        expected = op.operation.expect.status if op.operation.expect else None
        step = judge(workflow, status, op.payload.transition, role, op.payload.values)
        if (expected is not None and expected != status) or isinstance(step, Impossible):
            found.append(op.op_id)
        else:
            status = step.to_status
    return found
