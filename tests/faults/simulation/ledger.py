"""What the server has committed, history by history, so that any earlier moment of it can be asked about.

Kept by the test alone: rows as plain SQL finds them when a history begins, then line by line as they are committed.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import sqlcipher3.dbapi2 as cipher

from server.store.feed import Batch

Row = dict[str, Any]
COLUMNS = {
    "bookings": ("id", "workflow", "status", "version", "assignee_id", "provider_id", "customer_id", "op_id"),
    "messages": ("id", "booking_id", "position", "kind", "message", "edited_at", "deleted_at", "op_id"),
    "status_history": ("id", "booking_id", "version", "from_status", "to_status", "op_id"),
    "receipts": ("id", "booking_id", "user_id", "delivered_position", "read_position"),
}
"""What is compared of each table."""


class Ledger:
    """`epoch` names a history; a restored server begins another one."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], dict[str, list[tuple[int, Row | None]]]] = defaultdict(dict)
        self._heads: dict[str, int] = {}
        self._position_seq: dict[tuple[str, int], int] = {}

    def server_started(self, database: Path, epoch: str, head: int) -> None:
        """Takes over what the files hold of a history not seen before, or of the last commit that nobody heard of."""
        known = self._heads.get(epoch)
        if known == head:
            return
        with closing(cipher.connect(str(database))) as connection:
            connection.row_factory = cipher.Row
            if known is None:
                self._begin(connection, epoch, head)
                return
            lines = 'SELECT seq, "table", op, row_id, row FROM changes WHERE seq > ? ORDER BY seq'
            for line in connection.execute(lines, (known,)).fetchall():
                self._add(epoch, line["seq"], line["table"], line["op"], line["row_id"], line["row"])

    def committed(self, batch: Batch) -> Iterator[str]:
        """I7: what is told of is every line, each once and in its turn."""
        told, known = [change.seq for change in batch.changes], self._heads[batch.epoch]
        if told != list(range(known + 1, batch.to_seq + 1)) or batch.from_seq != known + 1:
            yield f"I7 after {known} came {batch.from_seq}..{batch.to_seq}, telling of {told}"
        for change in batch.changes:
            self._add(batch.epoch, change.seq, change.table, change.op, change.row_id, change.row)

    def head(self, epoch: str) -> int | None:
        """None: no server of that history was ever seen."""
        return self._heads.get(epoch)

    def position_seq(self, epoch: str, position: int) -> int | None:
        """The seq at which the message of that position came; None: there was none."""
        return self._position_seq.get((epoch, position))

    def rows_at(self, epoch: str, seq: int, table: str) -> list[Row]:
        """The feed's lines up to `seq`, added up."""
        found = []
        for versions in self._versions[epoch, table].values():
            at = bisect(versions, seq, key=lambda version: version[0])
            row = versions[at - 1][1] if at else None
            if row is not None:
                found.append(row)
        return found

    def _begin(self, connection: Any, epoch: str, head: int) -> None:
        self._heads[epoch] = head
        for table, columns in COLUMNS.items():
            for row in connection.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall():
                self._keep(epoch, 0, table, row["id"], dict(zip(columns, row, strict=True)))

    def _add(self, epoch: str, seq: int, table: str, op: str, row_id: str, row: bytes | None) -> None:
        self._heads[epoch] = seq
        if table in COLUMNS:
            read = msgspec.json.decode(row) if row is not None and op != "delete" else None
            self._keep(epoch, seq, table, row_id, read and {column: read[column] for column in COLUMNS[table]})

    def _keep(self, epoch: str, seq: int, table: str, row_id: str, row: Row | None) -> None:
        self._versions[epoch, table].setdefault(row_id, []).append((seq, row))
        if table == "messages" and row is not None:
            self._position_seq.setdefault((epoch, row["position"]), seq)
