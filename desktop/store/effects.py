"""Whether what an operation was to do is there to see."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from desktop.state.pending import PendingOp
from desktop.store.sqlcipher import reading

if TYPE_CHECKING:
    from sqlite3 import Connection

_CHANGED_LINE = "SELECT 1 FROM messages WHERE booking_id = :lane AND op_id = :op_id"
_SHOWN_BY = {
    "message.send": "SELECT 1 FROM messages WHERE id = :op_id",
    "booking.create": "SELECT 1 FROM bookings WHERE id = :op_id",
    "message.edit": _CHANGED_LINE,
    "message.remove": _CHANGED_LINE,
    "booking.assign": "SELECT 1 FROM bookings WHERE id = :lane AND op_id = :op_id",
    "booking.transition": "SELECT 1 FROM status_history WHERE booking_id = :lane AND op_id = :op_id",
}


def shown_effects(connection: "Connection", ops: Iterable[PendingOp]) -> set[str]:
    """Ids of the operations that a row held here tells of. What only changes a row is told of by it until the next
    change."""
    with reading(connection):
        return {
            op.op_id
            for op in ops
            if op.kind in _SHOWN_BY
            and connection.execute(_SHOWN_BY[op.kind], {"op_id": op.op_id, "lane": op.lane}).fetchone()
        }
