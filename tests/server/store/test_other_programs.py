"""What another program commits to the database is told of as if it were ours, once and in its turn."""

import asyncio
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite3

from contract.actors import Actor
from contract.ids import new_id
from contract.operations import SendMessage
from server.store.tables import messages
from server.store.writer import Writer
from tests.support.engines import at_a_prompt, settings_for
from tests.support.open_store import open_store, until
from tests.support.person_jobs import person
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")
CAFE = "CAST(X'636166E921' AS TEXT)"
"""As Latin-1 writes it: no UTF-8."""


def test_that_another_programs_commit_is_published_without_anybody_asking(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_store(tmp_path) as (store, batches):
            await store.write(person("Ann"))
            at_a_prompt(settings_for(tmp_path), "UPDATE profiles SET name='Anna'")
            await until(lambda: len(batches) == 2)
            assert [change.op for change in batches[1].changes] == ["update"]
            assert store.head == 2

    asyncio.run(story())


def test_that_another_programs_commit_comes_before_ours_that_follows_it(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        at_a_prompt(desk.settings, "UPDATE bookings SET status='completed'")
        verdict = desk.do(OLGA, "message.send", SendMessage("Too late"), booking_id)
        assert (verdict.verdict, verdict.code) == ("rejected", "booking_closed")
        assert [change.seq for change in desk.changes()] == list(range(1, desk.writer.head + 1))


@pytest.mark.sqlite
@pytest.mark.expects_errors
def test_that_another_programs_commit_is_told_of_even_where_ours_after_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_is_full() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with WritingDesk(tmp_path) as desk:
        desk.write(person("Ann"))
        at_a_prompt(desk.settings, "UPDATE profiles SET name='Anna'")
        with monkeypatch.context() as now:
            now.setattr(desk.link, "commit", disk_is_full)
            (result,) = desk.run(person("Bea"))
        assert getattr(result, "code", result) == "unavailable"
        desk.write(person("Cem"))
        assert [change.seq for change in desk.changes()] == [1, 2, 3]


def test_that_lines_gone_before_they_were_read_leave_a_gap_and_nothing_believed_from_before(tmp_path: Path) -> None:
    """A server that stood still, while another of the same database removed what had become old."""
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        desk.person("operator")
        known = desk.writer.head
        desk.by_hand(
            "UPDATE bookings SET status='completed'",
            "UPDATE profiles SET name='Anna'",
            "DELETE FROM changes WHERE seq < (SELECT max(seq) FROM changes)",
        )
        (batch,) = desk.batches[-1:]
        assert batch.from_seq == batch.changes[0].seq > known + 1
        verdict = desk.do(OLGA, "message.send", SendMessage("Too late"), booking_id)
        assert (verdict.verdict, verdict.code) == ("rejected", "booking_closed")


def test_that_what_is_committed_while_the_server_opens_the_database_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.write(person("Ann"))
        version = desk.link.data_version

        def just_before() -> int:
            monkeypatch.undo()
            at_a_prompt(desk.settings, "UPDATE profiles SET name='Anna'")
            return version()

        monkeypatch.setattr(desk.link, "data_version", just_before)
        opened = Writer(desk.link, "epoch-of-the-test")
        told = [change.seq for batch in opened.foreign_batch() for change in batch.changes]
        assert (told, opened.head) in (([2], 2), ([], 2))


@pytest.mark.sqlite
def test_that_letters_of_another_encoding_are_shown_as_unreadable_and_stop_nobody(tmp_path: Path) -> None:
    """A program that writes Latin-1: SQLite takes any bytes for a text."""
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        booking_id = desk.booking(OLGA, customer_id=ann.user_id)
        say = f"INSERT INTO messages(booking_id,sender_type,message) VALUES('{booking_id}','operator',{CAFE})"
        desk.by_hand(say, f"UPDATE bookings SET customer_name={CAFE}")
        desk.writer._known.forget(booking_id)
        desk.say(ann, booking_id, "Still here")
        assert [row["message"] for row in desk.rows(messages)][1:] == ["caf\ufffd!", "Still here"]
        told = [change for change in desk.changes() if change.booking_id == booking_id]
        assert all(change.row is None or change.row.decode() for change in told)
        assert told[-1].after is not None
        assert told[-1].after.customer_name == "caf\ufffd!"
