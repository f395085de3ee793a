"""The feed keeps 30 days or 200,000 lines, whichever is more, and its newest line; operations are never forgotten."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.actors import Actor
from contract.ids import new_id
from contract.moments import to_ms, to_text
from contract.operations import Operation, PressTransition, SendMessage, write_payload
from server.access.accounts import OpenedBy, create_account, find_person, start_session
from server.actions.perform import perform
from server.store.retention import AT_ONCE, FORGOTTEN, remove_guests, shorten_feed, shorten_rejections
from server.store.settings import StoreSettings
from server.store.tables import accounts, bookings, changes, operations, profiles, refresh_tokens, sessions
from server.store.transactions import WriteTx
from tests.support.engines import at_a_prompt
from tests.support.writing_desk import WritingDesk
from tests.support.writing_process import OLGA

DAY_MS = 86_400_000


def done_later(desk: WritingDesk, days: int, retention: Callable[[WriteTx], int]) -> int:
    """How many rows go so many days from now."""

    def job(tx: WriteTx) -> int:
        now_ms = tx.now_ms
        tx.begin_at(now_ms + days * DAY_MS)
        gone = retention(tx)
        tx.begin_at(now_ms)
        return gone

    return int(desk.write(job))


def shortened(desk: WritingDesk, settings: StoreSettings, days_later: int = 0) -> int:
    return done_later(desk, days_later, lambda tx: shorten_feed(tx, settings))


def write_lines(desk: WritingDesk, count: int) -> None:
    booking_id = desk.booking(OLGA)

    def rename(tx: WriteTx) -> None:
        for number in range(count - 3):
            tx.update_booking(booking_id, {"title": f"Title {number}"})

    desk.write(rename)


@pytest.mark.parametrize(
    ("keep_days", "keep_lines", "days_later", "kept"),
    [(30, 10, 0, 100), (30, 10, 40, 10), (30, 1000, 40, 100), (0, 0, 1, 1), (30, 100, 40, 100)],
)
def test_that_whichever_is_more_is_kept(
    tmp_path: Path, keep_days: int, keep_lines: int, days_later: int, kept: int
) -> None:
    with WritingDesk(tmp_path) as desk:
        write_lines(desk, 100)
        settings = msgspec.structs.replace(desk.settings, keep_days=keep_days, keep_lines=keep_lines)
        assert shortened(desk, settings, days_later) == 100 - kept
        assert [row["seq"] for row in desk.rows(changes)] == list(range(101 - kept, 101))
        assert desk.writer.floor == 100 - kept
        assert desk.writer.head == 100


def test_that_it_removes_little_at_once(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        write_lines(desk, AT_ONCE + 100)
        settings = msgspec.structs.replace(desk.settings, keep_days=30, keep_lines=10)
        assert [shortened(desk, settings, 40) for _ in range(3)] == [AT_ONCE, 90, 0]


def test_that_seq_goes_on_where_it_was_after_everything_old_went(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        write_lines(desk, 50)
        shortened(desk, msgspec.structs.replace(desk.settings, keep_days=0, keep_lines=0), 1)
        desk.booking(OLGA)
        assert desk.batches[-1].from_seq == 51


def test_that_no_line_goes_before_it_was_told_of(tmp_path: Path) -> None:
    """Retention runs in one commit with whatever else waits."""
    with WritingDesk(tmp_path) as desk:
        write_lines(desk, 20)
        booking_id = desk.rows(bookings)[0]["id"]
        settings = msgspec.structs.replace(desk.settings, keep_days=0, keep_lines=1)

        def rename(tx: WriteTx) -> None:
            for number in range(9):
                tx.update_booking(booking_id, {"title": f"New title {number}"})

        def sweep(tx: WriteTx) -> None:
            tx.begin_at(tx.now_ms + 2 * DAY_MS)
            shorten_feed(tx, settings)

        desk.run(rename, sweep)
        assert [change.seq for change in desk.batches[-1].changes] == list(range(21, 30))
        assert desk.writer.floor in (19, 20)  # PostgreSQL numbers lines at the commit, and knows none of them here


def test_that_of_a_rejection_long_ago_only_that_it_was_one_is_kept_and_it_is_never_done_after_all(
    tmp_path: Path,
) -> None:
    """And of everything else, all of it."""
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        rejected, step = new_id(), PressTransition("deploy")
        assert desk.do(OLGA, "booking.transition", step, booking_id, op_id=rejected).code == "illegal_transition"
        desk.do(OLGA, "message.send", SendMessage("Hello"), booking_id)
        desk.do(OLGA, "booking.transition", PressTransition("accept"), booking_id)
        others = desk.rows(operations, operations.c.op_id != rejected)
        for days, looked_at in ((399, 0), (401, 4), (402, 0)):
            assert walked(desk, days) == looked_at
        again = desk.do(OLGA, "booking.transition", step, booking_id, op_id=rejected)
        assert (again.verdict, again.code, again.current) == ("rejected", "too_old", None)
        assert desk.rows(operations, operations.c.op_id != rejected) == others
        assert desk.rows(bookings)[0]["status"] == "accepted"


def test_that_the_walk_through_old_operations_goes_a_little_at_a_time(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        jobs = [rejection_job(desk, booking_id) for _ in range(AT_ONCE + 9)]
        desk.run(*jobs)
        assert [walked(desk, 401) for _ in range(3)] == [AT_ONCE, 10, 0]
        kept = {row["answer"] for row in desk.rows(operations) if row["verdict"] == "rejected"}
        assert kept == {FORGOTTEN}


def walked(desk: WritingDesk, days_later: int) -> int:
    def job(tx: WriteTx) -> int:
        now_ms = tx.now_ms
        tx.begin_at(now_ms + days_later * DAY_MS)
        looked_at = shorten_rejections(tx)
        tx.begin_at(now_ms)
        return looked_at

    return int(desk.write(job))


def rejection_job(desk: WritingDesk, booking_id: str) -> Any:
    payload = write_payload(PressTransition("deploy"))
    operation = Operation(new_id(), "booking.transition", booking_id, payload)
    return lambda tx: perform(tx, desk.workflows, OLGA, None, operation)


@pytest.mark.sqlite
def test_that_a_clock_set_back_never_tears_a_hole(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        write_lines(desk, 10)
        newest = to_ms(desk.rows(changes)[-1]["at"])
        at_a_prompt(
            desk.settings,
            "DROP TRIGGER changes_are_final",
            "UPDATE changes SET at='2020-01-01T00:00:00.000Z' WHERE seq BETWEEN 4 AND 6",
        )
        settings = msgspec.structs.replace(desk.settings, keep_days=30, keep_lines=1)
        assert shortened(desk, settings) == 0
        assert newest
        assert shortened(desk, settings, 40) == 9


def test_that_guests_who_opened_no_booking_and_did_not_come_back_are_removed(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        idle, booked, back = (guest(desk) for _ in range(3))
        by_link, permanent = guest(desk, opened_by="link"), guest(desk, email="omar@home.example")
        desk.booking(Actor(booked, "customer", "Guest"))
        [session] = desk.rows(sessions, sessions.c.user_id == back)
        later = refresh_tokens.insert().values(
            token_hash=b"later", session_id=session["id"], created_at=to_text(to_ms(session["created_at"]) + 9 * DAY_MS)
        )
        desk.write(lambda tx: tx.execute(later))
        assert removed(desk, 9) == 0
        assert removed(desk, 11) == 1
        assert {row["id"] for row in desk.rows(profiles)} == {booked, back, by_link, permanent}
        assert {row["user_id"] for row in desk.rows(accounts)} == {booked, back, by_link, permanent}
        assert len(desk.rows(sessions)) == len(desk.rows(refresh_tokens)) - 1 == 4
        [told] = [change for change in desk.batches[-1].changes if change.table == "profiles"]
        assert (told.op, told.row_id) == ("delete", idle)
        assert removed(desk, 20) == 1, "nor did the other come back once more"


def guest(desk: WritingDesk, opened_by: OpenedBy = "anonymous", email: str | None = None) -> str:
    """Somebody who has just come in."""

    def job(tx: WriteTx) -> str:
        user_id = create_account(tx, email, None, "Guest", "customer")
        person = find_person(tx, user_id)
        assert person is not None
        start_session(tx, person, opened_by)
        return user_id

    return str(desk.write(job))


def removed(desk: WritingDesk, days_later: int) -> int:
    settings = msgspec.structs.replace(desk.settings, keep_anonymous_days=10)
    return done_later(desk, days_later, lambda tx: remove_guests(tx, settings))
