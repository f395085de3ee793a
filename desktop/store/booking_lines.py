"""Rows of the bookings list, from the cache and the outbox together."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from contract.actors import side_of
from contract.delivery import Delivery, of_position
from contract.workflow import Workflow
from desktop.state.lines import BookingLine, Me
from desktop.state.new_bookings import NewBooking
from desktop.state.op_state import UNSENT
from desktop.state.pending import PendingOp, status_after
from desktop.store.cache_position import read_position
from desktop.store.new_bookings import new_bookings
from desktop.store.outbox_store import OutboxStore
from desktop.store.sqlcipher import reading

if TYPE_CHECKING:
    from sqlite3 import Connection

_ROWS = """SELECT s.*, b.code, b.version, b.customer_name, b.assignee_name, b.priority
           FROM summary s JOIN bookings b ON b.num = s.num WHERE s.num IN (SELECT value FROM json_each(?))"""
_UNREAD = """SELECT count(*) FROM messages
             WHERE booking_id = ? AND position > ? AND sender_type = 'client' AND deleted_at IS NULL"""


def booking_lines(
    connection: "Connection", outbox: OutboxStore, workflows: Mapping[str, Workflow], rows: Sequence[int], me: Me
) -> list[BookingLine]:
    """In the order of `rows`; a row number that is gone is left out."""
    with reading(connection):
        position = read_position(connection).feed
        wanted = msgspec.json.encode(list(rows)).decode()
        found = {row["num"]: row for row in connection.execute(_ROWS, (wanted,)).fetchall()}
        if any(number < 0 for number in rows):
            new = new_bookings(connection, outbox, workflows).values()
            found |= {each.row_number: _row_of(each) for each in new if each.row_number in rows}
        ids = [row["booking_id"] for row in found.values()]
        ops = outbox.showing(ids, position)
        drafts = outbox.drafts.among(me.user_id, ids)
        marks = outbox.marks.unconfirmed(me.user_id, position.epoch)
        unread = {
            row["booking_id"]: connection.execute(_UNREAD, (row["booking_id"], marks[row["booking_id"]])).fetchone()[0]
            for row in found.values()
            if marks.get(row["booking_id"], 0) > row["my_read"]
        }
    return [
        _line(
            found[number],
            ops.get(found[number]["booking_id"], []),
            workflows.get(found[number]["workflow"]),
            me,
            has_draft=found[number]["booking_id"] in drafts,
            unread=unread.get(found[number]["booking_id"], found[number]["unread"]),
        )
        for number in rows
        if number in found
    ]


def _row_of(new: NewBooking) -> dict[str, Any]:
    """The columns of a booking that is only in the outbox. Nobody has written or read in it."""
    booking = new.booking
    same = ("code", "workflow", "status", "version", "customer_name", "assignee_id", "assignee_name", "priority")
    return {name: getattr(booking, name) for name in same} | {
        "booking_id": booking.id,
        "last_text": new.first_line,
        "last_side": "staff" if new.op.payload.message else None,
        "last_position": None,
        "activity_at": booking.created_at,
        "unread": 0,
        "my_read": 0,
        "needs_answer": 0,
        "waiting_since": None,
    }


def _line(
    row: Any, ops: list[PendingOp], workflow: Workflow | None, me: Me, *, has_draft: bool, unread: int
) -> BookingLine:
    last_text, last_side, last_at, delivery = row["last_text"], row["last_side"], row["activity_at"], None
    if last_side == side_of(me.role) and row["last_position"] is not None:
        delivery = of_position(row["last_position"], row["delivered_to"], row["read_to"])
    delivery = next((op.delivery for op in ops if op.kind == "booking.create"), delivery)
    unsent = [op for op in ops if op.kind == "message.send" and op.payload.kind != "note"]
    if unsent:
        newest = unsent[-1]
        last_text, last_side, delivery = newest.payload.text.replace("\n", " "), side_of(me.role), newest.delivery
        last_at = newest.operation.created_at or last_at
    after = status_after(row["status"], ops, workflow)
    return BookingLine(
        id=row["booking_id"],
        code=row["code"],
        workflow=row["workflow"],
        status=row["status"],
        version=row["version"],
        customer_name=row["customer_name"],
        assignee_id=row["assignee_id"],
        assignee_name=row["assignee_name"],
        priority=row["priority"],
        last_text=last_text,
        last_side=last_side,
        last_at=last_at or None,
        last_delivery=_worst(delivery, ops),
        unread=unread,
        needs_answer=bool(row["needs_answer"]),
        waiting_since=row["waiting_since"],
        has_draft=has_draft,
        queued=sum(op.state in UNSENT for op in ops),
        pending_status=after if after != row["status"] else None,
    )


def _worst(delivery: Delivery | None, ops: list[PendingOp]) -> Delivery | None:
    """A conflict or refusal anywhere in the booking must be seen from the list."""
    found = {op.delivery for op in ops}
    return next((bad for bad in (Delivery.CONFLICT, Delivery.FAILED) if bad in found), delivery)
