"""Whether what an operation was to do is there to see."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from desktop.state.pending import PendingOp
from desktop.store.sqlcipher import reading

if TYPE_CHECKING:
    from sqlite3 import Connection

_SHOWN_BY = {
    "message.send": "SELECT 1 FROM messages WHERE id = :op_id",
    "booking.create": "SELECT 1 FROM bookings WHERE id = :op_id",
    "booking.transition": "SELECT 1 FROM status_history WHERE booking_id = :lane AND op_id = :op_id",
}


def shown_effects(connection: "Connection", ops: Iterable[PendingOp]) -> set[str]:
    """Ids of the operations whose own row is held. Edits, removals and assignments leave none and are never here."""
    with reading(connection):
        return {
            op.op_id
            for op in ops
            if op.kind in _SHOWN_BY
            and connection.execute(_SHOWN_BY[op.kind], {"op_id": op.op_id, "lane": op.lane}).fetchone()
        }
