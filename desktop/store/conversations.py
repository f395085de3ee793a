"""A page of a conversation, from the cache and the outbox together."""

from typing import TYPE_CHECKING

from contract.actors import side_of
from desktop.state.lines import Conversation, Me, MessageLine
from desktop.state.overlay import overlaid, stored_line
from desktop.store.cache_position import read_position
from desktop.store.cache_rows import struct_of
from desktop.store.outbox_store import OutboxStore
from desktop.store.sqlcipher import reading

if TYPE_CHECKING:
    from sqlite3 import Connection

_PAGE = "SELECT * FROM messages WHERE booking_id = ? AND position < ? ORDER BY position DESC LIMIT ?"
_FIRST_UNREAD = """SELECT MIN(position) FROM messages
                   WHERE booking_id = ? AND position > ? AND sender_type = 'client' AND deleted_at IS NULL"""
_MARKS = """SELECT COALESCE(MAX(CASE WHEN side <> :side THEN delivered_position END), 0),
                   COALESCE(MAX(CASE WHEN side <> :side THEN read_position END), 0),
                   COALESCE(MAX(CASE WHEN user_id = :me THEN read_position END), 0)
            FROM receipts WHERE booking_id = :booking"""
END = 1 << 62


def conversation(
    connection: "Connection", outbox: OutboxStore, booking_id: str, me: Me, limit: int, before: int | None
) -> Conversation:
    """The newest `limit` lines below position `before`, oldest first; unsent lines come with the newest page only."""
    with reading(connection):
        position = read_position(connection).feed
        rows = connection.execute(_PAGE, (booking_id, END if before is None else before, limit + 1)).fetchall()
        delivered_to, read_to, my_read = connection.execute(
            _MARKS, {"side": side_of(me.role), "me": me.user_id, "booking": booking_id}
        ).fetchone()
        my_read = max(my_read, outbox.marks.unconfirmed(me.user_id, position.epoch).get(booking_id, 0))
        unread_from = connection.execute(_FIRST_UNREAD, (booking_id, my_read)).fetchone()[0]
        held = connection.execute("SELECT more FROM ranges WHERE booking_id = ?", (booking_id,)).fetchone()
    page = [stored_line(struct_of("messages", row), me, delivered_to, read_to) for row in reversed(rows[:limit])]
    ops = outbox.showing([booking_id], position).get(booking_id, [])
    if before is not None:
        ops = [op for op in ops if op.kind != "message.send"]
    more = len(rows) > limit or bool(held and held["more"])
    return Conversation(booking_id, overlaid(page, ops, me), unread_from, more)


def one_line(
    connection: "Connection", outbox: OutboxStore, booking_id: str, message_id: str, me: Me
) -> MessageLine | None:
    """Stored or unsent, with the changes on their way."""
    with reading(connection):
        position = read_position(connection).feed
        rows = connection.execute(
            "SELECT * FROM messages WHERE booking_id = ? AND id = ?", (booking_id, message_id)
        ).fetchall()
    stored = [stored_line(struct_of("messages", row), me, 0, 0) for row in rows]
    ops = outbox.showing([booking_id], position).get(booking_id, [])
    return next((line for line in overlaid(stored, ops, me) if line.id == message_id), None)
