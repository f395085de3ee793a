"""Reads whole databases into a history: a server's as it stands, a desk's outbox and cache."""

import contextlib
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import sqlcipher3.dbapi2 as driver

from contract.feed import FeedItem
from contract.moments import to_ms
from contract.rows import ROW_TYPES
from tests.faults.history.events import OpLine, OpRecord, Rows, ServerDump, plain_row


def dump_server(database: Path, at: float, process: str = "server") -> ServerDump:
    """Of a running server's SQLite, as of one moment."""
    connection = driver.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)
    connection.row_factory = driver.Row
    with contextlib.closing(connection):
        connection.execute("BEGIN")
        return _dump(connection, at, process)


def dump_postgres(url: str, at: float, process: str = "server") -> ServerDump:
    """The same of a PostgreSQL database."""
    with psycopg.connect(url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _dump(connection, at, process)


def _dump(connection: Any, at: float, process: str) -> ServerDump:
    feed = tuple(_line(row) for row in connection.execute("SELECT * FROM changes ORDER BY seq"))
    epoch = connection.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()["value"]
    records = {
        row["op_id"]: OpRecord(
            row["author_id"], row["verdict"], row["kind"], row["booking_id"], to_ms(row["at"]) / 1000
        )
        for row in connection.execute("SELECT * FROM operations")
    }
    rows = published_rows(connection)
    head, floor = (feed[-1].seq, feed[0].seq - 1) if feed else (0, 0)
    return ServerDump(
        at=at, process=process, epoch=epoch, head=head, floor=floor, feed=feed, rows=rows, operations=records
    )


def published_rows(connection: Any) -> Rows:
    """All that a database, server's or cache, holds of the published tables."""
    found: Rows = {}
    for table in ROW_TYPES:
        for row in connection.execute(f"SELECT * FROM {table}").fetchall():
            found[f"{table}/{row['id']}"] = plain_row(table, dict(row))
    return found


def outbox_lines(connection: Any) -> dict[str, OpLine]:
    """All that a desk's outbox holds of its operations."""
    trails: dict[str, list[str]] = {}
    for row in connection.execute("SELECT op_id, to_state FROM op_event ORDER BY rowid").fetchall():
        trails.setdefault(row["op_id"], []).append(row["to_state"])
    return {
        row["op_id"]: OpLine(row["state"], row["code"], tuple(trails.get(row["op_id"], ())))
        for row in connection.execute("SELECT op_id, state, code FROM outbox").fetchall()
    }


def _line(row: Any) -> FeedItem:
    values: dict[str, Any] | None = None if row["row"] is None else msgspec.json.decode(row["row"])
    plain = plain_row(row["table"], values) if values is not None and row["table"] in ROW_TYPES else values
    return FeedItem(
        row["seq"], row["table"], row["op"], row["row_id"], row["booking_id"], row["op_id"], plain, row["at"]
    )
