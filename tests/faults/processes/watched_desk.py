"""Watches the real parts of a desk: writes what they do into the history, and marks the points where it may be killed.

The desk's own code is what runs; its driver's connection and five of its methods are wrapped, in this process only.
"""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from sqlcipher3 import dbapi2

from contract.feed import FeedItem
from contract.operations import Expect
from desktop.network.socket import SyncSocket
from desktop.store.cache_position import read_position
from desktop.store.cache_writer import Applied, CacheWriter
from desktop.store.snapshot_staging import SnapshotStaging
from tests.faults.history.events import Clicked, Event, Kept, Moved, Rows, Snapped, Took, plain_row
from tests.faults.processes.dumps import published_rows
from tests.faults.processes.points import Journal, Points
from tests.faults.processes.watched_network import WatchedNetwork

_SENDS = {b'"ops"': "send", b'"cursor"': "acknowledge", b'"phx_join"': "join"}


class Watch:
    """What is known of the moment: whose screen it is, and what was on it when something was clicked."""

    def __init__(self, journal: Journal, points: Points) -> None:
        self.journal = journal
        self.points = points
        self.seen: tuple[str, ...] = ()
        self.network = WatchedNetwork(journal)

    def put_on(self) -> None:
        connect = dbapi2.connect
        watch = self

        def connect_watched(path: str, **options: Any) -> Any:
            connection = connect(path, factory=WatchedConnection, **options)
            connection.watch(watch, Path(path).name)
            return connection

        dbapi2.connect = connect_watched
        self._wrap_cache()
        self._wrap_socket()
        self.network.put_on()

    def _wrap_cache(self) -> None:
        apply, move_to = CacheWriter.apply, CacheWriter.move_to
        stage, finish = SnapshotStaging.stage, SnapshotStaging.finish
        watch = self

        def apply_watched(writer: CacheWriter, items: Any, to_seq: int, *, settle: bool = True) -> Applied:
            before = read_position(writer.connection)
            with labelled(writer.connection, "apply"):
                applied = apply(writer, items, to_seq, settle=settle)
            watch.took(before, to_seq, tuple(item for item in items if item.seq > before.feed.seq))
            return applied

        def move_to_watched(writer: CacheWriter, seq: int, as_of: str) -> None:
            before = read_position(writer.connection)
            move_to(writer, seq, as_of)
            watch.took(before, max(seq, before.feed.seq), ())

        def stage_watched(staging: SnapshotStaging, table: str, rows: Any) -> None:
            with labelled(staging._connection, "stage"):
                stage(staging, table, rows)

        def finish_watched(staging: SnapshotStaging, epoch: str, seq: int, as_of: str) -> None:
            with labelled(staging._connection, "swap"):
                finish(staging, epoch, seq, as_of)
            watch.snapped(staging._connection, epoch, seq)

        for owner, name, wrapped in (
            (CacheWriter, "apply", apply_watched),
            (CacheWriter, "move_to", move_to_watched),
            (SnapshotStaging, "stage", stage_watched),
            (SnapshotStaging, "finish", finish_watched),
        ):
            setattr(owner, name, wrapped)

    def _wrap_socket(self) -> None:
        send: Callable[[SyncSocket, bytes], Awaitable[None]] = SyncSocket._send
        points = self.points

        async def send_watched(socket: SyncSocket, frame: bytes) -> None:
            what = next((name for mark, name in _SENDS.items() if mark in frame[:80]), None)
            if what is not None:
                points.pass_by(f"{what}.before")
            await send(socket, frame)
            if what is not None:
                points.pass_by(f"{what}.after")

        for owner, name, wrapped in ((SyncSocket, "_send", send_watched),):
            setattr(owner, name, wrapped)

    def took(self, before: Any, to_seq: int, items: tuple[FeedItem, ...]) -> None:
        plain = tuple(item if item.row is None else _plain(item) for item in items)
        if before.feed.epoch is not None:
            self.journal.write(
                Took(
                    at=time.time(),
                    process=self.journal.process,
                    user=before.owner_id or "",
                    epoch=before.feed.epoch,
                    from_seq=before.feed.seq + 1,
                    to_seq=to_seq,
                    items=plain,
                )
            )

    def snapped(self, connection: Any, epoch: str, seq: int) -> None:
        user = read_position(connection).owner_id or ""
        rows: Rows = published_rows(connection)
        process = self.journal.process
        self.journal.write(Snapped(at=time.time(), process=process, user=user, epoch=epoch, seq=seq, rows=rows))


def _plain(item: FeedItem) -> FeedItem:
    assert item.row is not None
    row = plain_row(item.table, item.row) if item.table != "scope" else item.row
    return FeedItem(item.seq, item.table, item.op, item.id, item.booking_id, item.op_id, row, item.at)


class labelled:  # noqa: N801 - reads as a word
    """While it lasts, commits of the connection are of that name."""

    def __init__(self, connection: Any, label: str) -> None:
        self._connection = connection
        self._label = label

    def __enter__(self) -> None:
        self._connection.label = self._label

    def __exit__(self, *_: object) -> None:
        self._connection.label = ""


class WatchedConnection(dbapi2.Connection):  # type: ignore[misc,name-defined]
    """The driver's connection: notes what a transaction does to operations, and tells of it once that is on disk."""

    label = ""

    def watch(self, watch: Watch, file: str) -> None:
        self._watch = watch
        self._is_outbox = file == "outbox.db"
        self._after: list[Callable[[float], Event]] = []

    def execute(self, sql: str, *parameters: Any) -> Any:
        if self._is_outbox and parameters:
            self._note(sql, parameters[0])
        if sql != "COMMIT":
            if sql == "ROLLBACK":
                self._after.clear()
                self.label = "" if self._is_outbox else self.label
            return super().execute(sql, *parameters)
        label = self.label
        self._watch.points.pass_by(f"{label}.before_commit")
        done = super().execute(sql)
        self._watch.points.pass_by(f"{label}.after_commit")
        if self._is_outbox:
            self.label = ""
            if self._after:
                self._watch.journal.write(*(make(time.time()) for make in self._after))
                self._after.clear()
        return done

    def _note(self, sql: str, values: Any) -> None:
        process = self._watch.journal.process
        if sql.startswith("INSERT INTO outbox ("):
            self.label = "click"
            op, author, lane, kind, expect = values[0], values[2], values[3], values[5], values[7]
            self._watch.journal.write(_clicked(self._watch, op, author, lane, kind, expect))
            self._after.append(lambda at: Kept(at=at, process=process, op=op))
        elif sql.startswith("UPDATE outbox SET attempts"):
            self.label = "claim"
        elif sql.startswith("UPDATE outbox SET state"):
            state, epoch, seq, op = values["state"], values["epoch"], values["seq"], values["op_id"]
            self.label = "verdict" if state in {"sent", "rejected"} else self.label
            self._after.append(lambda at: Moved(at=at, process=process, op=op, state=state, epoch=epoch, seq=seq))


def _clicked(watch: Watch, op: str, author: str, lane: str, kind: str, expect: str | None) -> Clicked:
    wanted = msgspec.json.decode(expect, type=Expect).status if expect else None
    return Clicked(
        at=time.time(),
        process=watch.journal.process,
        op=op,
        kind=kind,
        booking=lane,
        author=author,
        expect_status=wanted,
        seen=watch.seen,
    )
