"""What goes wrong between two who write at once is tried again; what goes wrong for good is `unavailable`, no error."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from contract.actors import Actor
from contract.errors import Refusal
from contract.ids import new_id
from server.store.transactions import WriteTx
from tests.support.engines import on_postgres
from tests.support.running_postgres import RunningPostgres, by_hand
from tests.support.running_server import wait_until
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")


@pytest.fixture
def desk(postgres: RunningPostgres, tmp_path: Path) -> Iterator[WritingDesk]:
    url = postgres.fresh_database()
    by_hand(url, f"ALTER DATABASE {url.rpartition('/')[2]} SET deadlock_timeout='50ms'")
    with on_postgres(lambda _: url), WritingDesk(tmp_path) as found:
        yield found


def titled(booking: str, title: str) -> Any:
    """A job that judges by the booking and then changes it."""

    def job(tx: WriteTx) -> str:
        facts = tx.facts(booking)
        assert facts is not None
        tx.update_booking(booking, {"title": title, "version": facts.version + 1})
        return title

    return job


def titles(desk: WritingDesk) -> dict[str, tuple[str, int]]:
    found = by_hand(str(desk.settings.url), "SELECT id, title, version FROM bookings")
    return {booking: (title, version) for booking, title, version in found}


def test_that_a_deadlock_with_another_program_is_tried_again(desk: WritingDesk) -> None:
    first, second = desk.booking(OLGA), desk.booking(OLGA)
    theirs = f"UPDATE bookings SET title='theirs', version=version+1 WHERE id='{first}'"
    held = threading.Event()
    runs: list[str] = []

    def other() -> None:
        with psycopg.connect(str(desk.settings.url), autocommit=True) as session:
            session.execute("SET deadlock_timeout='1h'")  # ours is the one to be given up
            session.execute("BEGIN")
            session.execute(f"UPDATE bookings SET title='theirs', version=version+1 WHERE id='{second}'".encode())
            held.set()
            session.execute(theirs.encode())
            session.execute("COMMIT")

    program = threading.Thread(target=other)

    def both(tx: WriteTx) -> None:
        runs.append("run")
        titled(first, "ours")(tx)
        if len(runs) == 1:
            program.start()
            held.wait(10)
            wait_until(lambda: by_hand(str(desk.settings.url), WAITING) == [(1,)], 10)
        titled(second, "ours")(tx)

    assert desk.run(both) == [None]
    program.join()
    assert len(runs) == 2
    assert titles(desk) == {first: ("ours", 3), second: ("ours", 3)}
    assert [change.seq for change in desk.changes()] == list(range(1, desk.writer.head + 1))


WAITING = "SELECT count(*)::int FROM pg_stat_activity WHERE datname=current_database() AND wait_event_type='Lock'"


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_that_what_the_database_gives_up_is_tried_again_with_all_that_was_in_the_commit(
    desk: WritingDesk, code: str
) -> None:
    """Serialization failures and deadlocks, even several in a row."""
    booking = desk.booking(OLGA)
    runs: list[str] = []

    def given_up_thrice(tx: WriteTx) -> str:
        runs.append("run")
        if len(runs) <= 3:
            tx.rows(sa.text(f"DO $$BEGIN RAISE EXCEPTION 'given up' USING ERRCODE='{code}'; END$$"))
        return "done"

    assert desk.run(titled(booking, "once"), given_up_thrice) == ["once", "done"]
    assert titles(desk) == {booking: ("once", 2)}


@pytest.mark.expects_errors
def test_that_what_is_given_up_again_and_again_is_unavailable_in_the_end(desk: WritingDesk) -> None:
    def given_up(tx: WriteTx) -> None:
        tx.rows(sa.text("DO $$BEGIN RAISE EXCEPTION 'given up' USING ERRCODE='40P01'; END$$"))

    (outcome,) = desk.run(given_up)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "unavailable"


@pytest.mark.expects_errors
def test_that_a_row_locked_at_a_prompt_left_open_holds_up_nobody_else(desk: WritingDesk) -> None:
    locked, free = desk.booking(OLGA), desk.booking(OLGA)
    with psycopg.connect(str(desk.settings.url)) as left_open:
        left_open.execute(f"UPDATE bookings SET title='theirs' WHERE id='{locked}'".encode())
        outcomes = desk.run(titled(free, "ours"), titled(locked, "ours"), titled(free, "ours again"))
        left_open.rollback()
    assert [getattr(outcome, "code", outcome) for outcome in outcomes] == ["ours", "unavailable", "ours again"]
    assert titles(desk) == {locked: ("", 1), free: ("ours again", 3)}
    assert desk.run(titled(locked, "ours")) == ["ours"]


def test_that_operations_are_judged_by_what_stands_and_not_by_what_is_remembered(desk: WritingDesk) -> None:
    """Another program has committed since, and nothing has told of it yet."""
    booking = desk.booking(OLGA)
    desk.say(OLGA, booking)
    at_prompt = f"UPDATE bookings SET version=7 WHERE id='{booking}'"

    def judge(tx: WriteTx) -> int:
        by_hand(str(desk.settings.url), at_prompt)  # after our transaction has begun
        facts = tx.facts(booking)
        assert facts is not None
        return facts.version

    assert desk.run(judge) == [7]


def test_that_a_connection_lost_within_a_commit_is_an_outage_and_passes(
    desk: WritingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    booking = desk.booking(OLGA)

    def cut(tx: WriteTx) -> None:
        by_hand(str(desk.settings.url), CUT)
        titled(booking, "lost")(tx)

    outcomes = desk.run(titled(booking, "lost too"), cut)
    assert {getattr(outcome, "code", outcome) for outcome in outcomes} == {"unavailable"}
    assert titles(desk) == {booking: ("", 1)}
    assert desk.run(titled(booking, "found")) == ["found"]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname=current_database() AND pid<>pg_backend_pid()"
)


def test_that_a_text_that_the_database_cannot_keep_is_refused_for_itself(desk: WritingDesk) -> None:
    booking = desk.booking(OLGA)
    outcomes = desk.run(titled(booking, "before"), titled(booking, "nul \x00"), titled(booking, "after"))
    assert [getattr(outcome, "code", outcome) for outcome in outcomes] == ["before", "invalid_payload", "after"]
    assert titles(desk) == {booking: ("after", 3)}
