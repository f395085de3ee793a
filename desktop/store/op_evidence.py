"""What the feed proved of our own operations: stored, delivered, read; each kept when it was learnt, and only once.

The cache holds the newest state alone: a receipt's mark that has moved on no longer says when it passed a message.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from desktop.state.life_line import Evidence
from desktop.store.outbox_access import transaction, translated

if TYPE_CHECKING:
    from sqlite3 import Connection

ProvedStep = Literal["stored", "delivered", "read"]
Proved = tuple[str, ProvedStep, Evidence]
"""(op_id, step, evidence)."""

_AWAITING = """
SELECT op_id FROM outbox o
 WHERE (:lanes IS NULL OR lane IN (SELECT value FROM json_each(:lanes))) AND author_id = :author
   AND kind = 'message.send' AND state = 'sent' AND COALESCE(payload ->> '$.kind', 'text') <> 'note'
   AND NOT EXISTS (SELECT 1 FROM op_evidence e WHERE e.op_id = o.op_id AND e.step = 'read')
"""


class OpEvidence:
    """Beside the outbox, on the same connection and thread."""

    def __init__(self, connection: "Connection", clock: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._clock = clock

    def stored(self, seen: Mapping[str, tuple[int, str | None]]) -> None:
        """`seen`: by operation, the feed's number and the server's moment. Most of a feed is other people's work:
        what is not ours costs a query and no commit."""
        with translated():
            rows = self._connection.execute(
                """SELECT op_id FROM outbox o WHERE op_id IN (SELECT value FROM json_each(?))
                   AND NOT EXISTS (SELECT 1 FROM op_evidence e WHERE e.op_id = o.op_id AND e.step = 'stored')""",
                (_json(seen),),
            ).fetchall()
        self.note((row["op_id"], "stored", Evidence(seen[row["op_id"]][1], seen[row["op_id"]][0])) for row in rows)

    def awaiting(self, lanes: Iterable[str] | None, author_id: str) -> list[str]:
        """Our lines in these bookings, None: in any, that the server has and nobody is known to have read."""
        values = {"lanes": None if lanes is None else _json(lanes), "author": author_id}
        with translated():
            rows = self._connection.execute(_AWAITING, values).fetchall()
        return [row["op_id"] for row in rows]

    def note(self, proved: Iterable[Proved]) -> None:
        """The first evidence of a step stands: what comes later proves nothing new."""
        now = self._clock()
        rows = [(op_id, step, now, found.moment, found.seq, found.position, found.by) for op_id, step, found in proved]
        if rows:
            with transaction(self._connection) as connection:
                connection.executemany("INSERT OR IGNORE INTO op_evidence VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def of(self, op_id: str) -> dict[str, Evidence]:
        """By step."""
        with translated():
            rows = self._connection.execute("SELECT * FROM op_evidence WHERE op_id = ?", (op_id,)).fetchall()
        return {row["step"]: Evidence(row["moment"], row["seq"], row["position"], row["by_name"]) for row in rows}


def _json(ids: Iterable[str]) -> str:
    return msgspec.json.encode(list(ids)).decode()
