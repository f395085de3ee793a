"""Saves what can still be read of a damaged outbox and of its copies, without what a person took back."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.store.errors import StoreError
from desktop.store.outbox_schema import OUTBOX_TABLES
from desktop.store.sqlcipher import DriverError, connect, transaction, translated

if TYPE_CHECKING:
    from sqlite3 import Connection

_FARTHEST = 100_000
"""Row numbers tried where neither the file nor the tally beside it says how many there are."""
_NEWEST = "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"
_TRAILS = ("op_event", "op_evidence")
_STANDING = ("draft", "read_mark", "fact")
"""Tables whose rows are taken away when they are over: a row that is not there says something too."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    operations: int
    complete: bool
    """Whether everything that was looked for could be read."""


def newest_number(connection: "Connection") -> int:
    """Of the operations that this outbox has ever held; 0 for a new one."""
    with translated():
        row = connection.execute(_NEWEST).fetchone()
    return 0 if row is None else int(row[0])


def salvage(sources: list[Path], key: bytes, into: "Connection", promised: int = 0) -> Salvaged:
    """Copies from `sources`, the damaged file first, then its copies, the newest first. Operations that a copy calls
    unsent may have been sent since; offering them again is harmless, the server knows their ids. What a person took
    back is another matter, so that nothing is added that a more trusted source has no more. `promised`: the newest
    number there should be, where that is known."""
    damaged = sources[0]
    trusted = sorted(sources, key=lambda path: _end(path, key, math.inf if path == damaged else -1), reverse=True)
    rows = {table: [_Rows(path, key, table, promised or _FARTHEST) for path in trusted] for table in OUTBOX_TABLES}
    with transaction(into):
        _save_operations(rows["outbox"], into)
        for table in _TRAILS:
            _save_trails(table, rows[table], into)
        for table in _STANDING:
            _save_standing(table, rows[table], into)
    count: int = into.execute("SELECT count(*) FROM outbox").fetchone()[0]
    first = trusted.index(damaged)
    return Salvaged(count, all(found[first].complete for found in rows.values()))


def _save_operations(sources: list["_Rows"], into: "Connection") -> None:
    """An operation that a source read in full has no more was finished and forgotten; one that any source calls
    discarded was taken back by a person."""
    known_up_to = 0
    for source in sources:
        for row in source.rows:
            if row["local_seq"] > known_up_to:
                _insert(into, "outbox", row)
            if row["state"] == "discarded":
                into.execute(
                    "UPDATE outbox SET state = 'discarded', done_at = ? WHERE op_id = ? AND state <> 'sent'",
                    (row["done_at"], row["op_id"]),
                )
        if source.complete:
            known_up_to = max([known_up_to, source.newest, *(row["local_seq"] for row in source.rows)])


def _save_trails(table: str, sources: list["_Rows"], into: "Connection") -> None:
    """Each operation's from one source: two lines of a trail are told apart by nothing."""
    wanted = {row["op_id"] for row in into.execute("SELECT op_id FROM outbox")}
    for source in sources:
        found = [row for row in source.rows if row["op_id"] in wanted]
        for row in found:
            _insert(into, table, row)
        wanted -= {row["op_id"] for row in found}


def _save_standing(table: str, sources: list["_Rows"], into: "Connection") -> None:
    """From one source: the first that was read in full, else the first that gave anything."""
    whole = next((source for source in sources if source.complete), None)
    chosen = whole or next((source for source in sources if source.rows), sources[0])
    for row in chosen.rows:
        _insert(into, table, row)


def _insert(into: "Connection", table: str, row: Any) -> None:
    names = row.keys()
    into.execute(  # the table is one of OUTBOX_TABLES, the columns are its own
        f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",  # noqa: S608
        tuple(row),
    )


def _end(path: Path, key: bytes, unknown: float) -> tuple[float, float]:
    """How far an outbox goes, to be compared: its newest operation's number and its last move's time. A damaged file
    that opens as it was a while ago ends before its newest copy does."""
    try:
        connection = connect(path, key, durable=False, read_only=True)
        try:
            last = connection.execute("SELECT MAX(at) FROM op_event").fetchone()[0]
            return newest_number(connection), last or 0.0
        finally:
            connection.close()
    except (StoreError, DriverError):
        return unknown, unknown


class _Rows:
    """The readable rows of one table. After a bad page the connection stays bad, so each failure opens a new one."""

    def __init__(self, path: Path, key: bytes, table: str, farthest: int) -> None:
        self._path = path
        self._key = key
        self._table = table
        self.newest = 0
        """The newest operation's number, where the file says it."""
        self.complete = True
        self.rows: list[Any] = []
        try:
            self._read_all_at_once()
        except (StoreError, DriverError):
            self.complete = False
            if table == "outbox":
                self.rows = list(self._one_by_one(farthest))

    def _read_all_at_once(self) -> None:
        connection = connect(self._path, self._key, durable=False, read_only=True)
        try:
            self.rows.extend(connection.execute(f"SELECT * FROM {self._table}"))  # noqa: S608 - one of OUTBOX_TABLES
            self.newest = newest_number(connection)
        finally:
            connection.close()

    def _one_by_one(self, farthest: int) -> Iterator[Any]:
        last = self._last_number(farthest)
        connection: Connection | None = None
        for number in range(1, last + 1):
            try:
                if connection is None:
                    connection = connect(self._path, self._key, durable=False, read_only=True)
                row = connection.execute("SELECT * FROM outbox WHERE local_seq = ?", (number,)).fetchone()
            except (StoreError, DriverError):
                if connection is None:
                    return
                connection.close()
                connection = None
                continue
            if row is not None:
                yield row
        if connection is not None:
            connection.close()

    def _last_number(self, farthest: int) -> int:
        for question in (_NEWEST, "SELECT MAX(local_seq) FROM outbox"):
            try:
                connection = connect(self._path, self._key, durable=False, read_only=True)
            except (StoreError, DriverError):
                return 0
            try:
                row = connection.execute(question).fetchone()
            except DriverError:
                continue
            finally:
                connection.close()
            if row is not None and row[0] is not None:
                return int(row[0])
        return farthest
