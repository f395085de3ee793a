"""Whoever writes to a PostgreSQL database, and however many at once: the feed is dense and in commit order."""

import random
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from contract.actors import Actor
from contract.ids import new_id
from server.store.feed import Change
from server.store.tables import messages
from tests.support.engines import on_postgres
from tests.support.running_postgres import RunningPostgres, by_hand
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")
WRITERS, TRANSACTIONS = 4, 40


class Done(NamedTuple):
    """A transaction's mark, how many rows it wrote, and the moments between which it was committed."""

    mark: str
    lines: int
    begun: float
    ended: float


class Prompt(threading.Thread):
    """Somebody at a SQL prompt: transactions of several rows in a few bookings, some rolled back."""

    def __init__(self, url: str, name: str, bookings: list[str], seed: int) -> None:
        super().__init__()
        self._url = url
        self._name = name
        self._bookings = bookings
        self._random = random.Random(seed)
        self.done: list[Done] = []

    def run(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as session:
            for number in range(TRANSACTIONS):
                mark = f"{self._name} {number}"
                kept = self._random.random() < 0.8
                session.execute("BEGIN")
                lines = sum(self._write(session, mark, it) for it in sorted(self._random.sample(self._bookings, 2)))
                begun = time.monotonic()
                session.execute("COMMIT" if kept else "ROLLBACK")
                if kept:
                    self.done.append(Done(mark, lines, begun, time.monotonic()))

    def _write(self, session: psycopg.Connection[Any], mark: str, booking: str) -> int:
        """A message, and a title with it or not; how many rows that was."""
        line = "INSERT INTO messages(booking_id,sender_type,message) VALUES(%s,'operator',%s)"
        session.execute(line, (booking, mark))
        if self._random.random() < 0.5:
            return 1
        session.execute("UPDATE bookings SET version=version+1, title=%s WHERE id=%s", (mark, booking))
        return 2


def test_that_four_writers_at_once_make_one_dense_feed_in_commit_order(
    postgres: RunningPostgres, tmp_path: Path
) -> None:
    url = postgres.fresh_database()
    with on_postgres(lambda _: url), WritingDesk(tmp_path) as desk:
        bookings = [desk.booking(OLGA) for _ in range(8)]
        told = desk.writer.head
        writers = [Prompt(url, f"writer {seed}", bookings, seed) for seed in range(WRITERS)]
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            desk.batches += desk.writer.foreign_batch()  # a reader in the midst of it must see no gap either
        desk.batches += desk.writer.foreign_batch()
        changes = [change for change in desk.changes() if change.seq > told]
        stored = {row["id"]: row["position"] for row in desk.rows(messages)}
    assert [change.seq for change in desk.changes()] == list(range(1, desk.writer.head + 1))
    done = [one for writer in writers for one in writer.done]
    assert len(done) > WRITERS * TRANSACTIONS / 2
    assert len(changes) == sum(one.lines for one in done)
    check_marks(changes, done)
    for booking in bookings:
        versions = [change.after.version for change in changes if change.after and change.row_id == booking]
        assert versions == list(range(2, len(versions) + 2))
        of_booking = [change for change in changes if change.table == "messages" and change.booking_id == booking]
        positions = [stored[change.row_id] for change in of_booking]
        assert positions == sorted(positions)


def check_marks(changes: list[Change], done: list[Done]) -> None:
    """A transaction's lines stand together, and one that ended before another's commit began stands before it."""
    seqs: dict[str, list[int]] = {}
    for change in changes:
        row = change.row or b""
        seqs.setdefault(next(one.mark for one in done if f'"{one.mark}"'.encode() in row), []).append(change.seq)
    for one in done:
        assert seqs[one.mark] == list(range(seqs[one.mark][0], seqs[one.mark][0] + one.lines))
        assert all(seqs[other.mark][-1] < seqs[one.mark][0] for other in done if other.ended < one.begun)


def test_that_a_transaction_rolled_back_or_to_a_savepoint_leaves_no_number_behind(
    postgres: RunningPostgres, tmp_path: Path
) -> None:
    url = postgres.fresh_database()
    add = "INSERT INTO profiles(name,role) VALUES('Ann','customer')"
    numbered = "SET CONSTRAINTS ALL IMMEDIATE"
    by_hand(
        url,
        f"BEGIN; {add}; ROLLBACK",
        f"BEGIN; {add}; {numbered}; ROLLBACK",
        f"BEGIN; {add}; SAVEPOINT s; {add}; {numbered}; ROLLBACK TO s; {add}; COMMIT",
        f"BEGIN; {add}; {numbered}; SET CONSTRAINTS ALL DEFERRED; {add}; COMMIT",
        add,
    )
    assert by_hand(url, "SELECT seq FROM changes ORDER BY seq") == [(seq,) for seq in range(1, 6)]
    assert by_hand(url, "SELECT value FROM meta WHERE key='head'") == [("5",)]
