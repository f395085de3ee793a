"""The sender's half of the outbox: takes the head of each lane, so that one booking's operations go one by one."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from contract.operations import MAX_BATCH
from desktop.state.pending import PendingOp
from desktop.store.outbox_access import transaction, translated
from desktop.store.outbox_moves import move, record
from desktop.store.outbox_rows import pending_ops

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

LEASE = 60.0
"""Seconds after which an operation that nobody answered for is up for sending again."""
MAX_BYTES = 128 * 1024
"""Payloads in one request, far below what one frame may hold."""
FAR_FUTURE = 300.0
"""A waiting time further ahead than this was written under a wrong clock, and is void."""

_HEADS = """SELECT * FROM outbox WHERE local_seq IN (
                SELECT MIN(local_seq) FROM outbox
                WHERE author_id = :author AND state IN ('queued', 'sending') GROUP BY lane)
            ORDER BY local_seq"""


class OutboxLanes:
    """Claims and recovers operations. Used on the loop's thread, beside the OutboxStore of the same connection."""

    def __init__(self, connection: "Connection", clock: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._clock = clock

    def recover(self) -> int:
        """At the start of the profile's one process: whatever was on the wire has lost its answer."""
        now = self._clock()
        with transaction(self._connection) as connection:
            rows = connection.execute("SELECT op_id FROM outbox WHERE state = 'sending'").fetchall()
            for row in rows:
                move(connection, row["op_id"], "not_taken", "restart", now)
        return len(rows)

    def claim(self, author_id: str, *, presses: bool = True, limit: int = MAX_BATCH) -> list[PendingOp]:
        """Marks up to `limit` heads of lanes as sending, oldest click first. One that must go alone, goes alone.
        Without `presses`, only what needs no look at the newest base first."""
        now = self._clock()
        with transaction(self._connection) as connection:
            heads = connection.execute(_HEADS, {"author": author_id}).fetchall()
            ready = [row for row in heads if _is_ready(row, now) and (presses or row["kind"] != "booking.transition")]
            ready = _batch(ready, limit)
            chosen = msgspec.json.encode([row["op_id"] for row in ready]).decode()
            for row in ready:
                if row["state"] == "sending":
                    record(connection, row["op_id"], "sending", "sending", "lease ran out", now)
                else:
                    move(connection, row["op_id"], "claimed", "sender", now)
            claimed = connection.execute(
                """UPDATE outbox SET attempts = attempts + 1, lease_until = ?
                   WHERE op_id IN (SELECT value FROM json_each(?)) RETURNING *""",
                (now + LEASE, chosen),
            ).fetchall()
        return sorted(pending_ops(claimed), key=lambda op: op.local_seq)

    def next_ready_at(self, author_id: str) -> float | None:
        """time.time() at which the next head of a lane may go; None when no lane waits."""
        now = self._clock()
        with translated():
            heads = self._connection.execute(_HEADS, {"author": author_id}).fetchall()
        return min((_ready_at(row, now) for row in heads), default=None)


def _batch(ready: "list[Row]", limit: int) -> "list[Row]":
    """As many from the front as one request takes. One that must go alone goes alone."""
    if ready and ready[0]["alone"]:
        return ready[:1]
    batch: list[Row] = []
    size = 0
    for row in ready:
        size += len(row["payload"].encode())
        if row["alone"] or len(batch) == limit or (batch and size > MAX_BYTES):
            break
        batch.append(row)
    return batch


def _is_ready(row: "Row", now: float) -> bool:
    return _ready_at(row, now) <= now


def _ready_at(row: "Row", now: float) -> float:
    waits = (row["lease_until"],) if row["state"] == "sending" else (row["not_before"], row["hold_until"])
    return max((until for until in waits if until <= now + FAR_FUTURE), default=now)
