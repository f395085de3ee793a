"""Puts a new operation in the place of one; where that one opens a booking, all that was done in it comes along."""

from collections.abc import Iterable

import msgspec

from contract.ids import derived_id
from contract.operations import Operation, write_payload
from desktop.intents.context import IntentContext, IntentRefused
from desktop.state.pending import PendingOp


def supersede(context: IntentContext, op: PendingOp, operation: Operation, *, held: bool = False) -> None:
    """One commit. A booking's id is that of the operation that opens it, so another operation opens another booking,
    and what was addressed to the first would wait for ever. `held` waits for a yes. Raises IntentRefused
    (on_its_way), DiskFull."""
    if op.kind != "booking.create":
        context.outbox.add(operation, op.lane, held=held, supersedes=op.op_id)
        context.committed(op.lane)
        return
    done_in_it = [each for each in context.outbox.unfinished_in(op.lane) if each.op_id != op.op_id]
    if any(each.state == "sending" for each in done_in_it):
        raise IntentRefused("on_its_way")
    anew = _readdressed(context, done_in_it, op.op_id, operation.op_id)
    context.outbox.open_anew(operation, op.op_id, anew, held=held)
    context.committed(op.lane)
    context.committed(operation.op_id)
    context.changes.booking_renamed(op.op_id, operation.op_id)


def _readdressed(
    context: IntentContext, ops: Iterable[PendingOp], old_id: str, new_id: str
) -> list[tuple[PendingOp, Operation]]:
    """Each with the same wish for the new booking; the ids of lines it speaks of are those the lines now have. The
    moment stays the click's."""
    named = {derived_id(old_id, "message"): derived_id(new_id, "message")}
    pairs: list[tuple[PendingOp, Operation]] = []
    for op in ops:
        payload = op.payload
        for field in ("message_id", "reply_to"):
            if getattr(payload, field, None) in named:
                payload = msgspec.structs.replace(payload, **{field: named[getattr(payload, field)]})
        named[op.op_id] = context.make_id()
        anew = {"op_id": named[op.op_id], "booking_id": new_id, "payload": write_payload(payload)}
        pairs.append((op, msgspec.structs.replace(op.operation, **anew)))
    return pairs
