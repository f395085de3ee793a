"""Saves what can still be read of a damaged outbox, row by row, and what its last backup has beyond that."""

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


@dataclass(frozen=True, slots=True)
class Salvaged:
    operations: int
    complete: bool
    """Whether everything that was looked for could be read."""


def newest_number(connection: "Connection") -> int:
    """Of the operations that this outbox has ever held; 0 for a new one."""
    with translated():
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    return 0 if row is None else int(row[0])


def salvage(sources: list[Path], key: bytes, into: "Connection", promised: int = 0) -> Salvaged:
    """Copies from `sources`, the most trusted first: a row that is there already is not replaced. Operations that a
    backup calls unsent may have been sent since; offering them again is harmless, the server knows their ids.
    `promised`: the newest number there should be, where that is known."""
    complete = True
    for source in sources:
        for table in OUTBOX_TABLES:
            reader = _Rows(source, key, table, promised or _FARTHEST)
            with transaction(into):
                for row in reader:
                    names = row.keys()
                    into.execute(  # the table is one of OUTBOX_TABLES, the columns are its own
                        f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",  # noqa: S608
                        tuple(row),
                    )
            if source is sources[0]:
                complete = complete and reader.complete
    count: int = into.execute("SELECT count(*) FROM outbox").fetchone()[0]
    return Salvaged(count, complete)


class _Rows:
    """The readable rows of one table. After a bad page the connection stays bad, so each failure opens a new one."""

    def __init__(self, path: Path, key: bytes, table: str, farthest: int) -> None:
        self._path = path
        self._key = key
        self._table = table
        self._farthest = farthest
        self.complete = True

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._all_at_once()
        except (StoreError, DriverError):
            self.complete = False
            if self._table == "outbox":
                yield from self._one_by_one()

    def _all_at_once(self) -> Iterator[Any]:
        connection = connect(self._path, self._key, durable=False, read_only=True)
        try:
            yield from connection.execute(f"SELECT * FROM {self._table}")  # noqa: S608 - one of OUTBOX_TABLES
        finally:
            connection.close()

    def _one_by_one(self) -> Iterator[Any]:
        last = self._last_number()
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

    def _last_number(self) -> int:
        for question in ("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'", "SELECT MAX(local_seq) FROM outbox"):
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
        return self._farthest
