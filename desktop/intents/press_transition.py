"""Presses a status button: held back a few seconds for undo, then sent with what the operator saw as its condition."""

from collections.abc import Mapping
from dataclasses import dataclass

from contract.operations import Expect, Operation, PressTransition
from contract.workflow import Impossible, judge
from desktop.intents.context import IntentContext, IntentRefused
from desktop.state.pending import shows, status_after
from desktop.store.booking_details import pressable


@dataclass(frozen=True, slots=True)
class Press:
    """A press judged possible, not saved yet."""

    operation: Operation
    held: bool
    """It waits for a person's yes."""
    hold_until: float


def press_transition(
    context: IntentContext, booking_id: str, transition: str, values: Mapping[str, str] | None = None
) -> str:
    """Returns the operation's id. Raises as judged_press does, and DiskFull."""
    press = judged_press(context, booking_id, transition, values)
    context.outbox.add(press.operation, booking_id, held=press.held, hold_until=press.hold_until)
    context.committed(booking_id)
    return press.operation.op_id


def judged_press(
    context: IntentContext,
    booking_id: str,
    transition: str,
    values: Mapping[str, str] | None = None,
    instead_of: str | None = None,
) -> Press:
    """Judged by the same engine as at the server, on the status that earlier presses of ours lead to; that status is
    the precondition. Offline the workflow says whether it may be queued, is held for a later yes, or needs a
    connection.

    Raises IntentRefused (forbidden, illegal_transition, unknown_transition, value_missing, booking_not_found,
    needs_connection).
    """
    values = dict(values or {})
    me, booking = context.who(), context.booking(booking_id)
    workflow = context.workflows.get(booking.workflow)
    if workflow is None:
        raise IntentRefused("workflow_not_found")
    position = context.reader.position().feed
    earlier = context.outbox.showing([booking_id], position).get(booking_id, [])
    earlier = [op for op in earlier if op.op_id != instead_of and shows(op, position)]
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
    return Press(operation, held, context.clock.wall() + context.undo_seconds)
