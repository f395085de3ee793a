"""One commit for all who wait, each as if alone, answered only once it is durable."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3.dbapi2 as sqlite3  # two SQLite libraries in one process do not see each other's locks

from contract.actors import Actor
from contract.errors import Refusal
from contract.ids import new_id
from contract.operations import CreateBooking, Operation, PressTransition, SendMessage, write_payload
from contract.verdicts import Verdict
from server.actions.perform import perform
from server.store.tables import profiles
from server.store.transactions import WriteTx
from tests.support.engines import at_a_prompt, settings_for
from tests.support.open_store import open_store, until
from tests.support.person_jobs import failing, person
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")


def names(desk: WritingDesk) -> list[str]:
    return [row["name"] for row in desk.rows(profiles)]


def test_that_jobs_that_wait_together_are_committed_together(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_store(tmp_path) as (store, batches):
            answers: list[Any] = []
            for number in range(50):
                store.submit(person(f"Person {number}"), answers.append)
            await until(lambda: len(answers) == 50)
            assert answers == [f"Person {number}" for number in range(50)]
            assert len(batches) <= 3
            assert [change.seq for batch in batches for change in batch.changes] == list(range(1, 51))

    asyncio.run(story())


def test_that_a_commit_is_announced_before_its_jobs_are_answered(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_store(tmp_path) as (store, batches):
            seen: list[int] = []
            store.submit(person("Ann"), lambda answer: seen.append(batches[-1].to_seq))
            await until(lambda: seen)
            assert seen == [1]
            assert store.head == 1

    asyncio.run(story())


def test_that_a_failing_job_is_undone_alone_and_gets_its_own_exception(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        results = desk.run(person("Ann"), failing("Bea"), person("Cem"), failing("Dan"), person("Eve"))
        assert names(desk) == ["Ann", "Cem", "Eve"]
        assert [type(result) for result in results] == [str, KeyError, str, KeyError, str]
        assert [change.seq for change in desk.changes()] == [1, 2, 3]


def test_that_a_job_that_fails_before_it_writes_costs_the_others_nothing(tmp_path: Path) -> None:
    runs: list[int] = []

    def counted(tx: WriteTx) -> None:
        runs.append(1)
        person("Ann")(tx)

    def refused(tx: WriteTx) -> None:
        raise Refusal("epoch_changed")

    with WritingDesk(tmp_path) as desk:
        results = desk.run(counted, refused)
        assert runs == [1]
        assert isinstance(results[1], Refusal)
        assert names(desk) == ["Ann"]


def test_that_what_a_job_remembers_is_remembered_once_and_only_when_it_is_committed(tmp_path: Path) -> None:
    remembered: list[str] = []

    def remembering(name: str, job: Any) -> Any:
        def both(tx: WriteTx) -> None:
            tx.remember(lambda: remembered.append(name))
            job(tx)

        return both

    with WritingDesk(tmp_path) as desk:
        desk.run(remembering("Ann", person("Ann")), remembering("Bea", failing("Bea")))
    assert remembered == ["Ann"]


def test_that_facts_of_a_booking_changed_in_this_commit_are_those_just_written(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)

        def press(name: str) -> Any:
            operation = Operation(
                new_id(), "booking.transition", booking_id, write_payload(PressTransition(name, {"reason": "x"}))
            )
            return lambda tx: perform(tx, desk.workflows, OLGA, None, operation)

        def spoiling(tx: WriteTx) -> None:
            press("cancel")(tx)
            raise KeyError

        results = desk.run(press("accept"), spoiling, press("deploy"))
        assert [getattr(result, "verdict", "raised") for result in results] == ["applied", "raised", "applied"]
        facts = desk.writer.tx.facts(booking_id)
        assert facts is not None
        assert (facts.status, facts.version) == ("deployed", 3)


def test_that_a_verdict_learns_the_last_seq_that_tells_of_it(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        created = desk.do(OLGA, "booking.create", CreateBooking("protection", message="Hello"))
        assert created.seq == desk.changes()[-1].seq == 4
        said = [
            Operation(new_id(), "message.send", created.op_id, write_payload(SendMessage(f"Line {number}")))
            for number in range(3)
        ]
        results = desk.run(*[lambda tx, op=op: perform(tx, desk.workflows, OLGA, None, op) for op in said])
        assert [verdict.seq for verdict in results] == [5, 6, 7]
        again = desk.write(lambda tx: perform(tx, desk.workflows, OLGA, None, said[0]))
        assert (again.verdict, again.seq) == ("applied", 7)


@pytest.mark.sqlite
def test_that_too_many_waiting_jobs_are_refused_as_unavailable(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_store(tmp_path, max_waiting=3) as (store, _):
            answers: list[Any] = []
            gate = sqlite3.connect(tmp_path / "fieldline.db")
            gate.execute("BEGIN IMMEDIATE")  # the writer waits for the other program
            for number in range(10):
                store.submit(person(f"Person {number}"), answers.append)
            await until(lambda: len(answers) >= 6)
            assert {getattr(answer, "code", None) for answer in answers} == {"unavailable"}
            gate.rollback()
            gate.close()
            await until(lambda: len(answers) == 10)
            assert len([answer for answer in answers if isinstance(answer, str)]) >= 3

    asyncio.run(story())


@pytest.mark.sqlite
@pytest.mark.expects_errors
def test_that_a_full_disk_is_unavailable_and_passes(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_store(tmp_path) as (store, batches):
            connection = store._writer._link

            def fill(tx: WriteTx) -> None:
                pages = connection.execute("PRAGMA page_count").fetchone()
                connection.execute(f"PRAGMA max_page_count={pages[0] if pages else 1}")

            await store.write(fill)
            big = "x" * 50_000
            outcomes = await asyncio.gather(
                *(store.write(person(f"{big}{number}")) for number in range(3)), return_exceptions=True
            )
            assert {getattr(outcome, "code", outcome) for outcome in outcomes} == {"unavailable"}
            assert not batches
            await store.write(lambda tx: connection.execute("PRAGMA max_page_count=1000000"))
            assert await store.write(person("Ann")) == "Ann"
            assert batches[-1].to_seq == 1

    asyncio.run(story())


@pytest.mark.expects_errors
def test_that_one_callback_that_fails_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_store(tmp_path) as (store, _):
            answers: list[Any] = []
            failures: list[Any] = []
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))

            def fail(answer: Any) -> None:
                raise ValueError(answer)

            for done in (answers.append, fail, answers.append):
                store.submit(person("Ann"), done)
            await until(lambda: len(answers) == 2)
            assert len(failures) == 1

    asyncio.run(story())


def test_that_closing_commits_what_waits(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_store(tmp_path) as (store, _):
            for number in range(20):
                store.submit(person(f"Person {number}"), lambda answer: None)

    asyncio.run(story())
    with WritingDesk(tmp_path) as desk:
        assert len(names(desk)) == 20


def test_that_a_result_that_is_no_verdict_is_left_alone(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        assert desk.run(lambda tx: 3, lambda tx: Verdict("x", "rejected", code="stale")) == [
            3,
            Verdict("x", "rejected", code="stale"),
        ]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.expects_errors
def test_that_nobody_is_left_waiting_should_the_writer_ever_end(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_store(tmp_path) as (store, _):

            def break_the_reader() -> None:
                store._writer._delivery = None  # type: ignore[assignment]

            await store.write(lambda tx: tx.remember(break_the_reader))
            outcomes = await asyncio.gather(*(store.write(person("Ann")) for _ in range(3)), return_exceptions=True)
            assert {getattr(outcome, "code", outcome) for outcome in outcomes} == {"unavailable"}
            with pytest.raises(Refusal, match="unavailable"):
                await store.write(person("Bea"))

    asyncio.run(story())


@pytest.mark.expects_errors
def test_that_operations_are_answered_even_if_telling_the_others_fails(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_store(tmp_path) as (store, _):
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)

            def fail(batch: Any) -> None:
                raise KeyError(batch.to_seq)

            store._on_commit = fail
            assert await store.write(person("Ann")) == "Ann"

    asyncio.run(story())


@pytest.mark.sqlite
@pytest.mark.expects_errors
def test_that_one_commit_that_cannot_be_told_does_not_keep_the_next_from_being_told(tmp_path: Path) -> None:
    """Another program's, say, that was read as ours began."""

    async def story() -> None:
        async with open_store(tmp_path, poll_seconds=2) as (store, batches):
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            await store.write(person("Ann"))

            def told(batch: Any) -> None:
                batches.append(batch)
                if batch.changes[0].op == "update":
                    raise KeyError(batch.to_seq)

            store._on_commit = told
            at_a_prompt(settings_for(tmp_path), "UPDATE profiles SET name='Anna'")
            assert await store.write(person("Bea")) == "Bea"
            assert [batch.to_seq for batch in batches] == [1, 2, 3]

    asyncio.run(story())
