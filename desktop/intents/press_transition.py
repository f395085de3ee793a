"""Presses a status button: held back a few seconds for undo, then sent with what the operator saw as its condition."""

from collections.abc import Mapping

from contract.operations import Expect, PressTransition
from contract.workflow import Impossible, judge
from desktop.intents.context import IntentContext, IntentRefused
from desktop.state.pending import shows, status_after
from desktop.store.booking_details import pressable


def press_transition(
    context: IntentContext,
    booking_id: str,
    transition: str,
    values: Mapping[str, str] | None = None,
    supersedes: str | None = None,
) -> str:
    """Judged by the same engine as at the server, on the status that earlier presses of ours lead to; that status is
    the precondition. Offline the workflow says whether it may be queued, is held for a later yes, or needs a
    connection. Returns the operation's id.

    Raises IntentRefused (forbidden, illegal_transition, unknown_transition, value_missing, booking_not_found,
    needs_connection), DiskFull.
    """
    values = dict(values or {})
    me, booking = context.who(), context.booking(booking_id)
    workflow = context.workflows.get(booking.workflow)
    if workflow is None:
        raise IntentRefused("workflow_not_found")
    position = context.reader.position().feed
    earlier = context.outbox.showing([booking_id], position).get(booking_id, [])
    earlier = [op for op in earlier if op.op_id != supersedes and shows(op, position)]
    status = status_after(booking.status, earlier, workflow)
    step = judge(workflow, status, transition, me.role, values)
    if isinstance(step, Impossible):
        raise IntentRefused(step.code)
    if transition not in pressable(workflow, status, booking, me):
        raise IntentRefused("forbidden")
    rule = workflow.transitions[transition].offline
    if rule == "deny" and not context.is_live():
        raise IntentRefused("needs_connection")
    held = rule == "hold" and not context.is_live()
    expect = Expect(version=booking.version if status == booking.status else None, status=status)
    operation = context.operation("booking.transition", booking_id, PressTransition(transition, values), expect)
    undo_until = context.clock.wall() + context.undo_seconds
    context.outbox.add(operation, booking_id, held=held, hold_until=undo_until, supersedes=supersedes)
    context.committed(booking_id)
    return operation.op_id
