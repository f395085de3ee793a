"""Puts an operation's life line together: the outbox's trail, what the feed proved, the row and receipts held here."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from contract.workflow import Workflow
from desktop.state.life_line import Evidence, LifeLine, StoredRow, TrailEvent, life_steps, moment_of
from desktop.state.lines import Me
from desktop.state.pending import PendingOp
from desktop.store.op_evidence import Proved
from desktop.store.op_words import in_words
from desktop.store.outbox_store import OutboxStore
from desktop.store.sqlcipher import reading

if TYPE_CHECKING:
    from sqlite3 import Connection

_ROWS = {
    "message.send": """SELECT booking_id, created_at AS at, message AS text, position, sender_name AS author,
                              client_created_at AS author_at, sender_type, kind FROM messages WHERE id = ?""",
    "booking.create": """SELECT id AS booking_id, created_at AS at, title AS text, NULL AS position, '' AS author,
                                NULL AS author_at, '' AS sender_type, '' AS kind FROM bookings WHERE id = ?""",
    "booking.transition": """SELECT booking_id, at, to_status AS text, NULL AS position, actor_name AS author,
                                    NULL AS author_at, '' AS sender_type, '' AS kind
                             FROM status_history WHERE op_id = ?""",
}
_RECEIPTS = """
SELECT m.id, m.position, COALESCE(p.name, '') AS name, r.delivered_position, r.read_position, r.delivered_at, r.read_at
  FROM messages m JOIN receipts r ON r.booking_id = m.booking_id LEFT JOIN profiles p ON p.id = r.user_id
 WHERE m.id IN (SELECT value FROM json_each(?)) AND m.kind NOT IN ('note', 'system', 'event')
   AND r.side <> CASE m.sender_type WHEN 'client' THEN 'customer' ELSE 'staff' END
   AND MAX(r.delivered_position, r.read_position) >= m.position
"""


def receipts_of(connection: "Connection", message_ids: Iterable[str]) -> list[Proved]:
    """What the other side's marks, as they stand now, prove of these messages: per step the earliest."""
    ids = msgspec.json.encode(list(message_ids)).decode()
    with reading(connection):
        rows = connection.execute(_RECEIPTS, (ids,)).fetchall()
    found: dict[tuple[str, str], Evidence] = {}
    for row in rows:
        for step in ("delivered", "read"):
            if row[f"{step}_position"] >= row["position"] and row[f"{step}_at"]:
                mark = Evidence(row[f"{step}_at"], position=row[f"{step}_position"], by=row["name"])
                known = found.get((row["id"], step))
                if known is None or (mark.moment or "") < (known.moment or ""):
                    found[row["id"], step] = mark
    return [(op_id, "read" if step == "read" else "delivered", mark) for (op_id, step), mark in found.items()]


def life_line(
    connection: "Connection", outbox: OutboxStore, workflows: Mapping[str, Workflow], op_id: str, me: Me
) -> LifeLine | None:
    """None for an operation that neither this outbox nor the rows held here know. A message's id is its operation's."""
    op = outbox.get(op_id)
    with reading(connection):
        kind, row = _row_of(connection, op_id, op)
        if op is None and row is None:
            return None
        booking_id = op.lane if op is not None else row["booking_id"]
        booking = connection.execute("SELECT code, workflow FROM bookings WHERE id = ?", (booking_id,)).fetchone()
    proved: dict[str, Evidence] = {
        step: mark for found, step, mark in receipts_of(connection, [op_id]) if found == op_id
    }
    if op is not None:
        # What was noted when it was learnt is nearer to the event than what the marks say now.
        proved |= outbox.evidence.of(op_id)
    trail = tuple(TrailEvent(moment_of(at), before, after, why) for at, before, after, why in outbox.trail(op_id))
    workflow = workflows.get(booking["workflow"]) if booking else None
    return LifeLine(
        op_id=op_id,
        kind=kind,
        booking_id=booking_id,
        booking_code=booking["code"] if booking else "",
        state=op.state if op is not None else "stored",
        what=in_words(op, workflow, me) if op is not None else row["text"],
        error=op.error if op is not None else None,
        code=op.code if op is not None else None,
        steps=life_steps(op, trail, _stored_row(row), proved, has_readers=_has_readers(op, kind, row)),
        trail=trail,
    )


def _row_of(connection: "Connection", op_id: str, op: PendingOp | None) -> tuple[str, Any]:
    """The operation's kind, and the row it made if that is held. Edits and assignments make none of their own."""
    for kind in [op.kind] if op is not None else _ROWS:
        row = connection.execute(_ROWS[kind], (op_id,)).fetchone() if kind in _ROWS else None
        if row is not None:
            return kind, row
    return (op.kind if op is not None else ""), None


def _stored_row(row: Any) -> StoredRow | None:
    if row is None:
        return None
    return StoredRow(row["at"], row["kind"], row["text"], row["position"], row["author"], row["author_at"])


def _has_readers(op: PendingOp | None, kind: str, row: Any) -> bool:
    if kind != "message.send":
        return False
    written: str = op.payload.kind if op is not None else row["kind"]
    return written not in {"note", "system", "event"}
