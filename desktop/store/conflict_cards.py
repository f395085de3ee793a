"""Puts together what is known of a press that was overtaken: by whom, what was written after it, who has seen what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract.permissions import may
from contract.rows import Booking, StatusChange
from contract.workflow import Workflow, takes_messages
from desktop.state.lines import Me
from desktop.state.overtaken import ConflictCard, Sight, TextAfter, standing_of
from desktop.state.pending import PendingOp, target_of
from desktop.store.outbox_store import OutboxStore
from desktop.store.sqlcipher import reading

if TYPE_CHECKING:
    from sqlite3 import Connection

_MARKS = "SELECT * FROM receipts WHERE booking_id = ? AND side = 'customer'"
_POSTED = "SELECT position, message FROM messages WHERE booking_id = ? AND op_id = ? AND kind = 'system'"
_PLACE = "SELECT position FROM messages WHERE booking_id = ? AND id = ?"


@dataclass(frozen=True, slots=True)
class BookingNow:
    """A booking as it is held here."""

    booking: Booking
    history: Sequence[StatusChange]
    workflow: Workflow | None
    legal: tuple[str, ...]
    """Transitions that `me` may press."""
    me: Me
    presses: Sequence[PendingOp]
    """Ours in this booking, in the order of the clicks."""


def conflict_card(connection: "Connection", outbox: OutboxStore, op: PendingOp, now: BookingNow) -> ConflictCard:
    booking, workflow = now.booking, now.workflow
    stands, step = _what_stands(op, now.history)
    with reading(connection):
        marks = connection.execute(_MARKS, (booking.id,)).fetchall()
        posted = connection.execute(_POSTED, (booking.id, step.op_id)).fetchone() if step and step.op_id else None
        texts = tuple(_text(connection, line, marks) for line in outbox.written_after(op))
    by = stands.get("by")
    return ConflictCard(
        op_id=op.op_id,
        transition=op.payload.transition,
        pressed_at=op.operation.created_at or "",
        stands_status=str(stands.get("status") or booking.status),
        by_name=str(stands.get("by_name") or ""),
        stands_at=str(stands.get("at") or booking.status_since),
        legal=now.legal,
        saw_status=(op.operation.expect.status if op.operation.expect else None) or "",
        to_status=target_of(op, workflow) or "",
        said=tuple(value for value in op.payload.values.values() if value.strip()),
        may_have_arrived=op.state != "rejected" and op.attempts > 0,
        stood_status=(step.from_status if step else None) or "",
        their_reason=(step.reason if step else None) or "",
        their_text=posted["message"] if posted else "",
        sight=Sight("theirs")
        if by and by == booking.customer_id
        else _sight(posted["position"] if posted else None, marks),
        texts=texts,
        takes_text=workflow is None or takes_messages(workflow, booking.status),
        silent_after=tuple(name for name in now.legal if workflow and _ends_talk(workflow, name)),
        may_note=may(now.me.role, "message.note"),
        behind=_behind(op, now.presses),
    )


def _what_stands(op: PendingOp, history: Sequence[StatusChange]) -> tuple[dict[str, Any], StatusChange | None]:
    """The server's word where it has judged, unless the history held here has gone on since; and the step of it."""
    word, newest = op.current or {}, history[-1] if history else None
    if newest is None or (word and word.get("op_id") != newest.op_id and newest.version <= (word.get("version") or 0)):
        return word, None
    said = {"status": newest.to_status, "by": newest.actor_id, "by_name": newest.actor_name, "at": newest.at}
    return said, newest


def _behind(op: PendingOp, presses: Sequence[PendingOp]) -> tuple[str, ...]:
    waiting, found = {op.op_id}, []
    for press in presses:
        if press.state == "blocked" and press.depends_on in waiting:
            waiting.add(press.op_id)
            found.append(press.payload.transition)
    return tuple(found)


def _ends_talk(workflow: Workflow, transition: str) -> bool:
    return not takes_messages(workflow, workflow.transitions[transition].to)


def _text(connection: "Connection", line: PendingOp, marks: Sequence[Any]) -> TextAfter:
    standing = standing_of(line)
    stored = connection.execute(_PLACE, (line.lane, line.op_id)).fetchone() if standing == "sent" else None
    sight = _sight(stored["position"] if stored else None, marks)
    return TextAfter(line.op_id, line.payload.text, standing, sight if standing == "sent" else Sight())


def _sight(position: int | None, marks: Sequence[Any]) -> Sight:
    """Nothing is known of a line that is not held here, and of a customer whose apps tell no receipts."""
    if position is None or not marks:
        return Sight()
    read = [mark["read_at"] for mark in marks if mark["read_position"] >= position]
    if read:
        return Sight("read", min(filter(None, read), default=None))
    delivered = [mark["delivered_at"] for mark in marks if mark["delivered_position"] >= position]
    if delivered:
        return Sight("delivered", min(filter(None, delivered), default=None))
    return Sight("not_yet")
