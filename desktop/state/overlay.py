"""What a conversation shows: the stored lines, and on top of them what the outbox has not got through yet."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from contract.actors import Side, side_of
from contract.delivery import Delivery, merge, of_position
from contract.ids import derived_id
from contract.rows import Message, MessageKind
from desktop.state.lines import LineSide, Me, MessageLine
from desktop.state.pending import PendingOp

SILENT_KINDS = frozenset({"system", "event"})


def side_of_message(sender_type: str, sender_role: str, kind: str) -> LineSide:
    """Whose bubble it is: the sender's type is seed A's word (A-01), role and kind tell the rest."""
    if kind in SILENT_KINDS or sender_type == "system":
        return "system"
    if sender_role == "chatbot":
        return "bot"
    return "customer" if sender_type == "client" else "staff"


def stored_line(message: Message, me: Me, delivered_to: int, read_to: int) -> MessageLine:
    """A stored message as a line; the marks say how far the other side has the conversation."""
    side = side_of_message(message.sender_type, message.sender_role, message.kind)
    ours = side == side_of(me.role)
    delivery = of_position(message.position, delivered_to, read_to) if ours else None
    if delivery is not None and message.kind == "note":
        delivery = Delivery.SENT
    return MessageLine(
        id=message.id,
        booking_id=message.booking_id,
        kind=message.kind,
        side=side,
        mine=message.sender_id == me.user_id,
        sender_name=message.sender_name,
        text=message.message,
        texts=message.texts,
        at=message.created_at,
        position=message.position,
        delivery=delivery,
        edited=message.edited_at is not None,
        removed=message.deleted_at is not None,
        op_id=message.op_id,
    )


def overlaid(stored: Sequence[MessageLine], ops: Iterable[PendingOp], me: Me) -> tuple[MessageLine, ...]:
    """`stored` oldest first, then our unsent lines in the order of the clicks. A line that is stored is never shown
    a second time, whatever the outbox thinks of it: the echo is the evidence."""
    lines = {line.id: line for line in stored}
    for op in ops:
        if op.kind == "message.send":
            if op.op_id not in lines:
                lines[op.op_id] = _unsent_line(op, me, op.op_id, op.payload.text, op.payload.kind)
        elif op.kind == "booking.create" and op.payload.message:
            line_id = derived_id(op.op_id, "message")
            if line_id not in lines:
                lines[line_id] = _unsent_line(op, me, line_id, op.payload.message, "text")
        elif op.kind in {"message.edit", "message.remove"}:
            target = lines.get(op.payload.message_id)
            if target is not None and op.state not in {"rejected", "failed"}:
                lines[target.id] = _changed_line(target, op)
    return tuple(lines.values())


def _unsent_line(op: PendingOp, me: Me, line_id: str, text: str, kind: MessageKind) -> MessageLine:
    side: Side = side_of(me.role)
    return MessageLine(
        id=line_id,
        booking_id=op.lane,
        kind=kind,
        side=side,
        mine=True,
        sender_name=me.name,
        text=text,
        texts=None,
        at=op.operation.created_at or "",
        position=None,
        delivery=op.delivery,
        error=op.error,
        code=op.code,
        attempts=op.attempts,
        op_id=op.op_id,
    )


def _changed_line(line: MessageLine, op: PendingOp) -> MessageLine:
    """An edit or removal on its way: shown as done, with its own delivery state until the server has it."""
    delivery = op.delivery if op.state != "sent" else merge(line.delivery or Delivery.SENT, Delivery.SENT)
    changed = replace(line, delivery=delivery, error=op.error, code=op.code, attempts=op.attempts)
    if op.kind == "message.remove":
        return replace(changed, text="", removed=True)
    return replace(changed, text=op.payload.text, edited=True)
