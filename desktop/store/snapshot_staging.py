"""Takes a whole snapshot beside what is held, and puts it in its place in one commit; cut short, it changes nothing."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from desktop.store.cache_position import read_position
from desktop.store.cache_rows import columns_of, upsert_sql
from desktop.store.cache_schema import ROW_TABLES, SNAPSHOT_TABLES, STAGING, create_indexes, create_row_tables
from desktop.store.errors import Outdated
from desktop.store.sqlcipher import transaction, translated
from desktop.store.summaries import recompute

if TYPE_CHECKING:
    from sqlite3 import Connection

_UPSERT = {table: upsert_sql(table, STAGING) for table in ROW_TABLES}
SNAPSHOT_MESSAGES = 30
"""The fewest messages of a booking that a snapshot cuts at: with fewer, there are no older ones."""


class SnapshotStaging:
    """begin, stage…, finish; used on the worker's thread."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._begun = False
        self.broken = 0
        """Rows that were no rows of their table; left out."""

    def begin(self) -> None:
        """Throws away what an earlier, cut transfer left."""
        self.broken = 0
        with transaction(self._connection) as connection:
            self._drop()
            create_row_tables(connection, STAGING)
        self._begun = True

    def stage(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Raises Outdated where another file has come in this one's place since the transfer began."""
        self._require_begun()
        if table not in ROW_TABLES:
            return
        values = []
        for row in rows:
            try:
                values.append(columns_of(table, row))
            except msgspec.ValidationError:
                self.broken += 1
        with transaction(self._connection) as connection:
            connection.executemany(_UPSERT[table], values)

    def finish(self, epoch: str, seq: int, as_of: str) -> None:
        """The one commit: rows, what is worked out from them, and position. Raises Outdated, and changes nothing."""
        self._require_begun()
        with transaction(self._connection) as connection:
            position = read_position(connection)
            # Within one history nothing on the screen goes back. A server whose history got shorter gives it a new
            # epoch; so an older snapshot is one it had made for somebody else, and a later one mends it. Where the
            # feed does not reach back to the position any more, no snapshot can be older than that.
            if epoch == position.feed.epoch and seq < position.feed.seq:
                raise Outdated(f"a snapshot of {seq}, where {position.feed.seq} is held")
            generation = connection.execute("UPDATE position SET generation = generation + 1 RETURNING generation")
            number = generation.fetchall()[0][0]
            connection.execute(
                """INSERT INTO staging_ranges SELECT booking_id, MIN(position), COUNT(*) >= ?, ?
                   FROM staging_messages GROUP BY booking_id""",
                (SNAPSHOT_MESSAGES, seq),
            )
            connection.execute("INSERT OR IGNORE INTO staging_ranges SELECT id, 0, 0, ? FROM staging_bookings", (seq,))
            recompute(connection, position.owner_id or "", position.side, prefix=STAGING)
            create_indexes(connection, number, STAGING)
            for table in SNAPSHOT_TABLES:
                connection.execute(f"DROP TABLE {table}")
                connection.execute(f"ALTER TABLE {STAGING}{table} RENAME TO {table}")
            connection.execute("DELETE FROM fetched")
            connection.execute("DELETE FROM wanted")
            connection.execute("DELETE FROM stale")
            connection.execute("UPDATE position SET epoch = ?, seq = ?, as_of = ?", (epoch, seq, as_of))
        with translated():
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def abandon(self) -> None:
        with transaction(self._connection):
            self._drop()

    def _require_begun(self) -> None:
        if not self._begun:
            raise Outdated("a snapshot begun in a cache that is no more")

    def _drop(self) -> None:
        for table in SNAPSHOT_TABLES:
            self._connection.execute(f"DROP TABLE IF EXISTS {STAGING}{table}")
