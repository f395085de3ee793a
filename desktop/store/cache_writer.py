"""Writes what the server says into the cache: rows and position in one transaction, so neither can outrun the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from contract.feed import BookingSnapshot, FeedItem, MessagePage
from contract.workflow import Workflow
from desktop.store.cache_position import CachePosition, read_position
from desktop.store.cache_rows import columns_of, upsert_sql
from desktop.store.cache_schema import ROW_TABLES, SNAPSHOT_TABLES
from desktop.store.sqlcipher import transaction, translated
from desktop.store.summaries import recompute

if TYPE_CHECKING:
    from sqlite3 import Connection

_UPSERT = {table: upsert_sql(table) for table in ROW_TABLES}
_OF_BOOKING = ("messages", "status_history", "receipts", "summary", "ranges", "wanted", "fetched")


@dataclass(slots=True)
class Applied:
    """What one commit to the cache touched."""

    bookings: set[str] = field(default_factory=set)
    conversations: set[str] = field(default_factory=set)
    op_ids: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    """Operations whose effects these changes are, with the newest one's number in the feed and the server's moment."""
    wanted: set[str] = field(default_factory=set)
    """Bookings that came into sight and must be fetched whole."""
    my_reads: dict[str, int] = field(default_factory=dict)
    """How far the server now has the owner's reading."""
    broken: int = 0
    """Rows that were no rows of their table; left out."""


class CacheWriter:
    """Owned by the worker's thread; everything here blocks."""

    def __init__(self, connection: "Connection") -> None:
        self.connection = connection

    def position(self) -> CachePosition:
        with translated():
            return read_position(self.connection)

    def own(self, owner_id: str, side: str) -> bool:
        """Makes the cache `owner_id`'s. Another person's rows go first: their sight is not this one's. True then."""
        before = self.position()
        if (before.owner_id, before.side) == (owner_id, side):
            return False
        self.wipe()
        with transaction(self.connection) as connection:
            connection.execute("UPDATE position SET owner_id = ?, side = ?", (owner_id, side))
        return before.owner_id is not None

    def wipe(self) -> None:
        """Forgets every row and the position."""
        with transaction(self.connection) as connection:
            for table in (*SNAPSHOT_TABLES, "fetched", "wanted", "stale"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - own names
            connection.execute("UPDATE position SET owner_id = NULL, side = NULL, epoch = NULL, seq = 0, as_of = NULL")

    # --- the feed ----------------------------------------------------------------------------------------------------

    def apply(self, items: Sequence[FeedItem], to_seq: int, *, settle: bool = True) -> Applied:
        """Applies items above the position, oldest first, and moves to `to_seq`. Without `settle`, the list's rows of
        the touched bookings are noted as stale in the same commit, to be worked out once the whole stretch is in."""
        applied = Applied()
        with transaction(self.connection) as connection:
            position = read_position(connection)
            floors = dict(connection.execute("SELECT booking_id, seq FROM fetched").fetchall())
            as_of: str | None = None
            for item in items:
                if item.seq > position.feed.seq:
                    self._apply_item(item, floors, applied)
                    as_of = max(as_of or "", item.at or "") or None
            if settle:
                self._recompute(position, applied.bookings)
            else:
                connection.execute(
                    "INSERT OR IGNORE INTO stale SELECT value FROM json_each(?)", (_json(applied.bookings),)
                )
            self._note_my_reads(position, applied)
            connection.execute(
                "UPDATE position SET seq = MAX(seq, ?), as_of = MAX(COALESCE(as_of, ''), COALESCE(?, ''))",
                (to_seq, as_of),
            )
            connection.execute("DELETE FROM fetched WHERE seq <= ?", (to_seq,))
        return applied

    def settle(self, limit: int = 2_000) -> list[str]:
        """Works out up to `limit` stale rows of the list, in one commit; empty once there are none."""
        with transaction(self.connection) as connection:
            rows = connection.execute("SELECT booking_id FROM stale ORDER BY booking_id LIMIT ?", (limit,)).fetchall()
            ids = [row["booking_id"] for row in rows]
            self._recompute(read_position(connection), set(ids))
            connection.execute("DELETE FROM stale WHERE booking_id IN (SELECT value FROM json_each(?))", (_json(ids),))
        return ids

    def _apply_item(self, item: FeedItem, floors: dict[str, int], applied: Applied) -> None:
        booking_id = item.id if item.table == "bookings" else item.booking_id
        if item.table == "scope":
            self._forget(item.id if booking_id is None else booking_id, applied, wanted=item.op == "add")
            return
        if item.op_id is not None:
            applied.op_ids[item.op_id] = (item.seq, item.at)
        if item.table not in ROW_TABLES or (booking_id is not None and item.seq <= floors.get(booking_id, 0)):
            return
        if booking_id is not None:
            applied.bookings.add(booking_id)
            if item.table in {"messages", "receipts"}:
                applied.conversations.add(booking_id)
        if item.op == "delete":
            self.connection.execute(f"DELETE FROM {item.table} WHERE id = ?", (item.id,))  # noqa: S608 - a known table
        elif item.row is not None:
            if not self._upsert(item.table, item.row, applied):
                noted = (item.seq, item.row["booking_id"])
                self.connection.execute("UPDATE ranges SET since = ? WHERE booking_id = ?", noted)
            if item.table == "bookings" and item.op == "insert":
                self.connection.execute(
                    "INSERT OR IGNORE INTO ranges (booking_id, lo, more) VALUES (?, 0, 0)", (item.id,)
                )

    def _upsert(self, table: str, row: Mapping[str, Any], applied: Applied) -> bool:
        """False for a line below those held."""
        try:
            values = columns_of(table, row)
        except msgspec.ValidationError:
            applied.broken += 1
            return True
        if table == "messages" and self._is_below_range(row["booking_id"], row["position"]):
            return False
        self.connection.execute(_UPSERT[table], values)
        return True

    def _is_below_range(self, booking_id: str, position: int) -> bool:
        """A change of an older line than is held: taking it would leave a hole between, a page read from now on will
        bring it."""
        found = self.connection.execute("SELECT lo FROM ranges WHERE booking_id = ?", (booking_id,)).fetchone()
        return found is not None and position < found["lo"]

    def _forget(self, booking_id: str, applied: Applied, *, wanted: bool) -> None:
        self._delete_booking(booking_id)
        applied.bookings.add(booking_id)
        applied.conversations.add(booking_id)
        applied.wanted.discard(booking_id)
        if wanted:
            self.connection.execute("INSERT OR IGNORE INTO wanted VALUES (?)", (booking_id,))
            applied.wanted.add(booking_id)

    def _delete_booking(self, booking_id: str) -> None:
        self.connection.execute("DELETE FROM bookings WHERE id = ?", (booking_id,))
        for table in _OF_BOOKING:
            self.connection.execute(f"DELETE FROM {table} WHERE booking_id = ?", (booking_id,))  # noqa: S608 - own names

    def _recompute(self, position: CachePosition, ids: set[str]) -> None:
        if ids:
            recompute(self.connection, position.owner_id or "", position.side, ids)

    def _note_my_reads(self, position: CachePosition, applied: Applied) -> None:
        if applied.conversations:
            rows = self.connection.execute(
                """SELECT booking_id, read_position FROM receipts
                   WHERE user_id = ? AND booking_id IN (SELECT value FROM json_each(?))""",
                (position.owner_id, _json(applied.conversations)),
            ).fetchall()
            applied.my_reads = {row["booking_id"]: row["read_position"] for row in rows}

    def move_to(self, seq: int, as_of: str) -> None:
        """The server says that nothing visible lies between; or only that it is now `as_of`."""
        with transaction(self.connection) as connection:
            connection.execute(
                "UPDATE position SET seq = MAX(seq, ?), as_of = MAX(COALESCE(as_of, ''), ?)", (seq, as_of)
            )

    # --- single bookings ---------------------------------------------------------------------------------------------

    def wanted(self) -> list[str]:
        """Bookings in sight that were never fetched: a start may find some that the last run did not get to."""
        with translated():
            return [row["booking_id"] for row in self.connection.execute("SELECT booking_id FROM wanted").fetchall()]

    def put_booking(self, booking_id: str, snapshot: BookingSnapshot | None) -> Applied:
        """Holds the booking as fetched. None: it cannot be seen after all, and is forgotten."""
        applied = Applied()
        with transaction(self.connection) as connection:
            self._forget(booking_id, applied, wanted=False)
            if snapshot is not None:
                for table, rows in snapshot.tables.items():
                    for row in rows if table in ROW_TABLES else ():
                        self._upsert(table, row, applied)
                connection.execute(
                    """INSERT OR REPLACE INTO ranges
                       SELECT ?, COALESCE(MIN(position), 0), ?, ? FROM messages WHERE booking_id = ?""",
                    (booking_id, int(snapshot.more), snapshot.seq, booking_id),
                )
                connection.execute("INSERT OR REPLACE INTO fetched VALUES (?, ?)", (booking_id, snapshot.seq))
            self._recompute(read_position(connection), {booking_id})
        return applied

    def put_people(self, rows: Sequence[Mapping[str, Any]], ending: str) -> Applied:
        """Holds these people in place of all whose ids end so."""
        applied = Applied()
        with transaction(self.connection) as connection:
            connection.execute("DELETE FROM profiles WHERE id LIKE ?", (f"%{ending}",))
            for row in rows:
                self._upsert("profiles", row, applied)
        return applied

    def add_older(self, booking_id: str, page: MessagePage, below: int) -> bool:
        """Adds a page of lines older than position `below`. Where the lines held do not begin there any more, it would
        leave a hole that nobody sees; read before `since`, it would bring back what was changed: then nothing is done,
        and False returned."""
        with transaction(self.connection) as connection:
            found = connection.execute("SELECT lo, since FROM ranges WHERE booking_id = ?", (booking_id,)).fetchone()
            same = read_position(connection).feed.epoch == page.epoch
            if found is None or not same or found["lo"] != below or page.seq < found["since"]:
                return False
            lowest = min((row["position"] for row in page.rows), default=below)
            connection.execute(
                "UPDATE ranges SET lo = ?, more = ? WHERE booking_id = ?", (lowest, int(page.more), booking_id)
            )
            applied = Applied({booking_id}, {booking_id})
            for row in page.rows:
                self._upsert("messages", row, applied)
            self._recompute(read_position(connection), {booking_id})
        return True

    # --- workflows ---------------------------------------------------------------------------------------------------

    def workflows_tag(self) -> str | None:
        with translated():
            row = self.connection.execute("SELECT value FROM remembered WHERE name = 'workflows_tag'").fetchone()
        return row["value"] or None if row else None

    def put_workflows(self, workflows: dict[str, Workflow], tag: str = "") -> None:
        """Holds the workflows and the server's tag of them; which bookings are closed follows from them."""
        with transaction(self.connection) as connection:
            connection.execute("DELETE FROM workflows")
            connection.execute("DELETE FROM closed_status")
            connection.execute("INSERT OR REPLACE INTO remembered VALUES ('workflows_tag', ?)", (tag,))
            for name, workflow in workflows.items():
                connection.execute(
                    "INSERT INTO workflows VALUES (?, ?)", (name, msgspec.json.encode(workflow).decode())
                )
                closed = [(name, status) for status, found in workflow.statuses.items() if found.final]
                connection.executemany("INSERT INTO closed_status VALUES (?, ?)", closed)
            position = read_position(connection)
            recompute(connection, position.owner_id or "", position.side)


def _json(ids: Iterable[str]) -> str:
    return msgspec.json.encode(list(ids)).decode()
