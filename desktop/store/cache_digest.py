"""What the cache holds, as sums of row hashes read from the disk itself at one moment: the desk's half of the audit."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from contract.audit import Digest
from contract.row_digest import Tally
from desktop.state.pending import FeedPosition
from desktop.store.cache_position import read_position
from desktop.store.cache_rows import struct_of
from desktop.store.cache_schema import ROW_TABLES
from desktop.store.sqlcipher import connect, reading

if TYPE_CHECKING:
    from sqlite3 import Connection

PART = 500
"""Rows between two pauses."""
REST = 2.0
"""Pause after each part, as a multiple of the time it took: the window's thread needs the interpreter meanwhile."""


@dataclass(frozen=True, slots=True)
class CacheDigest:
    position: FeedPosition
    settled: bool
    """Whether every row is as of the position: a booking fetched whole may be ahead of it for a moment."""
    digests: dict[str, Digest]
    bookings: dict[str, str]
    older: dict[str, int]
    """By booking, the lowest position held, where the server has older messages."""


def digest_cache(path: Path, key: bytes, ending: str, closing: threading.Event) -> CacheDigest | None:
    """Reads what belongs to ids that end so, empty: all, slowly and in one read transaction, beside whoever writes.
    None once `closing` is set. Raises Damaged."""
    connection = connect(path, key, durable=False, read_only=True)
    try:
        with reading(connection):
            position, tally = read_position(connection).feed, Tally()
            for rows in _parts(connection, ending):
                began = time.perf_counter()
                for table, row in rows:
                    tally.add(table, row)
                if closing.wait(REST * (time.perf_counter() - began)):
                    return None
            return CacheDigest(
                position,
                _is_settled(connection, position.seq),
                tally.digests(),
                tally.bookings(),
                dict(_rows(connection, "SELECT booking_id, lo FROM ranges WHERE more AND booking_id LIKE ?", ending)),
            )
    finally:
        connection.close()


def _parts(connection: "Connection", ending: str) -> Iterator[list[tuple[str, Any]]]:
    """Structs by table. One booking after the other where only some are wanted: the tables are in that order."""
    yield from _table(connection, "profiles", "WHERE id LIKE ?", f"%{ending}")
    ids = [row[0] for row in _rows(connection, "SELECT id FROM bookings WHERE id LIKE ?", ending)] if ending else []
    wanted = msgspec.json.encode(ids).decode()
    for table in ROW_TABLES:
        if table == "profiles":
            continue
        if not ending:
            yield from _table(connection, table)
        else:
            column = "id" if table == "bookings" else "booking_id"
            yield from _table(connection, table, f"WHERE {column} IN (SELECT value FROM json_each(?))", wanted)  # noqa: S608


def _table(connection: "Connection", table: str, where: str = "", *values: str) -> Iterator[list[tuple[str, Any]]]:
    cursor = connection.execute(f"SELECT * FROM {table} {where}", values)  # noqa: S608 - names of this file only
    while rows := cursor.fetchmany(PART):
        yield [(table, found) for row in rows if (found := _read(table, row)) is not None]


def _read(table: str, row: Any) -> Any:
    """None for a row that cannot be one: it will be missing from the sum, and so be found."""
    try:
        return struct_of(table, row)
    except msgspec.MsgspecError:
        return None


def _rows(connection: "Connection", sql: str, ending: str) -> list[Any]:
    return connection.execute(sql, (f"%{ending}",)).fetchall()


def _is_settled(connection: "Connection", seq: int) -> bool:
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM fetched WHERE seq > ?) OR EXISTS (SELECT 1 FROM wanted)", (seq,)
    ).fetchone()
    return not row[0]
