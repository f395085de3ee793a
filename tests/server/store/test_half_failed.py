"""A job or a read that fails half-way leaves nothing behind: not on the disk, not in memory, not in what is told."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlite3

from contract.actors import Actor
from contract.errors import Refusal
from contract.ids import new_id
from contract.operations import Operation, SendMessage, write_payload
from contract.verdicts import Verdict
from server.actions.perform import perform
from server.store.tables import meta, profiles
from server.store.transactions import WriteTx
from tests.support.engines import at_a_prompt
from tests.support.person_jobs import failing, person
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")


def names(desk: WritingDesk) -> list[str]:
    return [row["name"] for row in desk.rows(profiles)]


def codes(results: list[Any]) -> list[Any]:
    return [getattr(result, "code", result) for result in results]


@pytest.mark.sqlite
@pytest.mark.expects_errors
def test_that_nothing_is_written_past_a_transaction_that_sqlite_gave_up_itself(tmp_path: Path) -> None:
    """A full disk ends the whole transaction, not the statement alone: what follows would be committed by itself."""

    def too_big(tx: WriteTx) -> None:
        tx.execute(sa.insert(meta).values(key="big", value="x" * 1_000_000))

    with WritingDesk(tmp_path) as desk:
        desk.write(person("Ann"))
        desk.link.execute(f"PRAGMA max_page_count={desk.link.execute('PRAGMA page_count').fetchall()[0][0]}")
        results = desk.run(person("Bea"), too_big, failing("Cem"), person("Dan"))
        assert codes(results) == ["unavailable"] * 4
        assert names(desk) == ["Ann"]


def test_that_what_a_job_remembers_before_it_fails_without_writing_is_forgotten(tmp_path: Path) -> None:
    remembered: list[str] = []

    def refused(tx: WriteTx) -> None:
        tx.remember(lambda: remembered.append("Bea"))
        raise Refusal("booking_not_found")

    def kept(tx: WriteTx) -> None:
        tx.remember(lambda: remembered.append("Ann"))

    with WritingDesk(tmp_path) as desk:
        desk.run(kept, refused)
    assert remembered == ["Ann"]


def test_that_a_batch_begun_again_judges_by_what_others_have_committed_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        said = Operation(new_id(), "message.send", booking_id, write_payload(SendMessage("Too late")))
        roll_back = desk.link.roll_back

        def then_somebody_else_commits() -> None:
            roll_back()
            monkeypatch.undo()
            at_a_prompt(desk.settings, "UPDATE bookings SET status='completed'")

        monkeypatch.setattr(desk.link, "roll_back", then_somebody_else_commits)
        verdict, _ = desk.run(lambda tx: perform(tx, desk.workflows, OLGA, None, said), failing("Bea"))
        assert (verdict.verdict, verdict.code) == ("rejected", "booking_closed")
        assert [change.seq for change in desk.changes()] == list(range(1, desk.writer.head + 1))


@pytest.mark.sqlite
@pytest.mark.expects_errors
def test_that_lines_read_again_are_not_judged_by_what_was_learnt_from_those_after_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(booking_id: str) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with WritingDesk(tmp_path) as desk:
        changed, other = desk.booking(OLGA), desk.booking(OLGA)
        desk.writer._known.forget(other)
        say = "INSERT INTO messages(booking_id,sender_type,message) VALUES('{}','operator','Hello')"
        change = f"UPDATE bookings SET department='billing' WHERE id='{changed}'"
        at_a_prompt(desk.settings, say.format(changed), change, say.format(other))
        with monkeypatch.context() as now:
            now.setattr(desk.writer, "_read_facts", unreadable)
            assert codes(desk.run(person("Ann"))) == ["unavailable"]
        desk.write(person("Ann"))
        hello, moved, *_ = desk.batches[-2].changes
        assert hello.after == moved.before
        assert moved.before != moved.after


@pytest.mark.sqlite
@pytest.mark.expects_errors
def test_that_no_verdict_names_a_line_that_the_feed_passed_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Durable, but its lines cannot be read just now: asked again, it is answered with the number of one behind it."""

    def unreadable() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        said = Operation(new_id(), "message.send", booking_id, write_payload(SendMessage("Hello")))

        def say(tx: WriteTx) -> Verdict:
            return perform(tx, desk.workflows, OLGA, None, said)

        with monkeypatch.context() as now:
            now.setattr(desk.link, "one_moment", unreadable)
            first = desk.write(say)
        again = desk.write(say)
        told = [change.seq for change in desk.changes() if change.op_id == said.op_id]
        assert (first.verdict, first.seq) == ("retry", None)
        assert again.verdict == "applied"
        assert again.seq is not None
        assert again.seq >= told[-1]
