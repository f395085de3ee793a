"""GET /sync/v1/snapshot: everything somebody may see, as of one moment, line by line (docs/protocol.md)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from contract.actors import PROVIDERS, Actor
from contract.feed import SnapshotEnd, SnapshotHead
from contract.permissions import Sight
from contract.workflow import Workflow
from server.access.visibility import Visibility
from server.doors.sync.spool import Spool
from server.realtime.views import eyes
from server.store.feed import decode_facts
from server.store.past import pages_tell_all
from server.store.sql_words import json_list, json_of
from server.store.store import Store
from server.store.tables import bookings, messages, profiles, receipts, status_history
from server.store.transactions import ReadTx

PART = 500
"""Rows in one line."""
NEWEST = 30
"""Messages of each booking."""
NEWEST_OF_BUSY = 200
"""Messages of the open bookings with the newest activity."""
BUSY = 1_000
HELD = 20_000
"""Messages in memory at once."""
SHARED_FOR = 5.0
"""Seconds for which a snapshot serves others with the same eyes: they join from its seq and get the rest as delta.
When all desks come back as one after a restore, one is made, not a hundred."""

T = TypeVar("T")
_encode = msgspec.json.Encoder().encode


class Snapshots:
    """Makes them one at a time, so that of the store's readers always one is free for short questions."""

    def __init__(
        self,
        store: Store,
        visibility: Visibility,
        workflows: Mapping[str, Workflow],
        folder: Path,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """`folder`: where downloads are spooled, in files without a name. `spawn` starts a coroutine in the task group
        that owns the server's tasks."""
        self._store = store
        self._visibility = visibility
        self._workflows = workflows
        self._folder = folder
        self._spawn = spawn
        self._turn = asyncio.Semaphore(1)
        self._made: dict[Hashable, _Made] = {}

    async def take(self, actor: Actor, *, packed: bool) -> AsyncIterator[bytes]:
        """The lines' bytes, gzipped or not; raises spool.Cut when they end before SnapshotEnd."""
        made = await self._shared(actor) or self._begin(actor)
        async for chunk in made.spool.chunks(packed=packed):
            yield chunk

    async def _shared(self, actor: Actor) -> "_Made | None":
        """One made for others that `actor` can go on from."""
        key, now = eyes(actor), time.monotonic()
        self._made = {known: made for known, made in self._made.items() if now - made.at < SHARED_FOR}
        while (made := self._made.get(key)) is not None:
            if await self._leads_on(made, actor):
                return made
            if self._made.get(key) is made:
                return None
        return None

    async def _leads_on(self, made: "_Made", actor: Actor) -> bool:
        """Whether the feed may follow on it. Who asks because their own rights changed, or because the feed is kept
        no further back, must not be given what was read before that: they would be sent for another one, and so on.
        The database is asked, not this server's memory: another server may have told them."""
        await made.begun.wait()
        seq = made.seq
        return seq is not None and await self._store.read(lambda tx: pages_tell_all(tx, actor.user_id, seq))

    def _begin(self, actor: Actor) -> "_Made":
        made = self._made[eyes(actor)] = _Made(Spool(self._folder, asyncio.get_running_loop()))
        self._spawn(self._make(actor, made))
        return made

    async def _make(self, actor: Actor, made: "_Made") -> None:
        contents = SnapshotContents(self._visibility, self._workflows, actor)
        loop = asyncio.get_running_loop()

        def job(tx: ReadTx) -> bool:
            made.seq = tx.head
            loop.call_soon_threadsafe(made.begun.set)
            for line in contents.lines(tx):
                made.spool.write(line)
            return True

        whole = False
        try:
            async with self._turn:
                whole = await self._store.read(job)
        finally:
            made.begun.set()
            made.spool.end(failed=not whole)


class _Made:
    """A snapshot under way or done. `seq`: its own, once it has `begun`; None then: it never did."""

    __slots__ = ("at", "begun", "seq", "spool")

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.at = time.monotonic()
        self.begun = asyncio.Event()
        self.seq: int | None = None


class SnapshotContents:
    """What goes into one person's snapshot."""

    def __init__(self, visibility: Visibility, workflows: Mapping[str, Workflow], actor: Actor) -> None:
        self._visibility = visibility
        self._workflows = workflows
        self._actor = actor

    def lines(self, tx: ReadTx) -> Iterator[bytes]:
        """Head, parts, end, each with its line feed; read in one transaction."""
        busy = self._busy(tx)
        yield _encode(SnapshotHead(tx.epoch, tx.head, self._counts(tx, busy))) + b"\n"
        rows = 0
        for table, part in self._parts(tx, busy):
            rows += len(part)
            yield b'{"table":"%b","rows":[%b]}\n' % (table.encode(), b",".join(part))
        yield _encode(SnapshotEnd(True, rows)) + b"\n"

    def _parts(self, tx: ReadTx, busy: set[str]) -> Iterator[tuple[str, list[bytes]]]:
        for part in self._pages(tx, profiles):
            yield "profiles", part
        for part in self._pages(tx, bookings):
            yield "bookings", self._redacted(part)
        for part in self._pages(tx, status_history):
            yield "status_history", part
        for part in self._pages(tx, receipts):
            yield "receipts", part
        yield from self._messages(tx, busy)

    def _pages(self, tx: ReadTx, table: sa.Table) -> Iterator[list[bytes]]:
        """The visible rows of a table in the order of their key, read a page at a time."""
        statement = (
            sa.select(table.c.id.label("key"), json_of(table).label("row"))
            .where(self._visibility.rows_filter(self._actor, table), table.c.id > sa.bindparam("after"))
            .order_by(table.c.id)
            .limit(PART)
        )
        after = ""
        while page := tx.rows(statement, after=after):
            after = page[-1]["key"]
            yield [row["row"].encode() for row in page]

    def _redacted(self, part: list[bytes]) -> list[bytes]:
        """Only those in the field see rows that are not whole (jobs on offer): theirs are looked at one by one."""
        if self._actor.role not in PROVIDERS:
            return part
        shown = []
        for raw in part:
            row = self._visibility.redact(self._actor, "bookings", msgspec.json.decode(raw), decode_facts(raw))
            shown.append(_encode(row))
        return shown

    def _messages(self, tx: ReadTx, busy: set[str]) -> Iterator[tuple[str, list[bytes]]]:
        """The newest of each booking, booking by booking; so many in one query that its answer is no burden."""
        statement = self._newest_messages()
        for ids in self._bookings_with_chat(tx):
            longer, shorter = [it for it in ids if it in busy], [it for it in ids if it not in busy]
            for asked, count in ((longer, NEWEST_OF_BUSY), (shorter, NEWEST)):
                for some in _slices(asked, HELD // count):
                    rows = tx.rows(statement, wanted=_encode(some).decode(), older=count - 1)
                    for part in _slices(rows, PART):
                        yield "messages", [row["row"].encode() for row in part]

    def _newest_messages(self) -> sa.Select[Any]:
        """The messages of the bookings `wanted` (a JSON list of ids), from the one that `older` newer ones follow."""
        wanted = json_list(sa.bindparam("wanted", type_=sa.Text)).table_valued("key", "value")
        newer = messages.alias("newer")
        oldest = (
            sa.select(newer.c.position)
            .where(newer.c.booking_id == wanted.c.value)
            .order_by(newer.c.position.desc())
            .limit(1)
            .offset(sa.bindparam("older", type_=sa.Integer))
            .correlate(wanted)
            .scalar_subquery()
        )
        return (
            sa.select(json_of(messages).label("row"))
            .select_from(wanted.join(messages, messages.c.booking_id == wanted.c.value))
            .where(
                messages.c.position >= sa.func.coalesce(oldest, 0), self._visibility.rows_filter(self._actor, messages)
            )
            .order_by(wanted.c.key, messages.c.position)
        )

    def _bookings_with_chat(self, tx: ReadTx) -> Iterator[list[str]]:
        statement = (
            sa.select(bookings.c.id)
            .where(self._visibility.bookings_filter(self._actor, Sight.FULL), bookings.c.id > sa.bindparam("after"))
            .order_by(bookings.c.id)
            .limit(PART)
        )
        after = ""
        while page := tx.rows(statement, after=after):
            after = page[-1]["id"]
            yield [row["id"] for row in page]

    def _busy(self, tx: ReadTx) -> set[str]:
        """The open bookings with the newest activity, whose conversations are given at greater length."""
        newest = sa.func.max(messages.c.position)
        active = (
            sa.select(messages.c.booking_id, newest.label("newest"))
            .group_by(messages.c.booking_id)
            .order_by(newest.desc())
            .limit(2 * BUSY)
            .subquery()
        )
        statement = (
            sa.select(bookings.c.id)
            .select_from(active.join(bookings, bookings.c.id == active.c.booking_id))
            .where(self._open(), self._visibility.bookings_filter(self._actor, Sight.FULL))
            .order_by(active.c.newest.desc())
            .limit(BUSY)
        )
        return {row["id"] for row in tx.rows(statement)}

    def _open(self) -> sa.ColumnElement[bool]:
        over = [
            sa.and_(
                bookings.c.workflow == name, bookings.c.status.in_([s for s, it in flow.statuses.items() if it.final])
            )
            for name, flow in self._workflows.items()
        ]
        return sa.not_(sa.or_(sa.false(), *over))

    def _counts(self, tx: ReadTx, busy: set[str]) -> dict[str, int]:
        """Rows to come by table, for a progress bar. Messages that are kept back from the asker count as well."""
        counts: dict[str, int] = {}
        for table in (profiles, bookings, status_history, receipts):
            condition = self._visibility.rows_filter(self._actor, table)
            counts[table.name] = tx.value(sa.select(sa.func.count()).select_from(table).where(condition))
        each = (
            sa.select(messages.c.booking_id, sa.func.count().label("count"))
            .where(self._visibility.rows_filter(self._actor, messages))
            .group_by(messages.c.booking_id)
            .subquery()
        )
        long = json_list(sa.bindparam("busy", type_=sa.Text)).table_valued("value")
        most = sa.case((each.c.booking_id.in_(sa.select(long.c.value)), NEWEST_OF_BUSY), else_=NEWEST)
        total = sa.select(sa.func.sum(sa.case((each.c.count < most, each.c.count), else_=most)))
        counts["messages"] = int(tx.value(total, busy=_encode(sorted(busy)).decode()) or 0)
        return counts


def _slices(items: list[T], size: int) -> Iterator[list[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
