"""Tier 2: the server's feed as a machine on a real database of either engine: dense, never rewritten, at every number
the same as the rows it tells of, through failing jobs, repeats, changes by hand, shortening, restarts and crashes.
"""

import json
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from contract.actors import Actor
from contract.ids import new_id
from contract.operations import Assign, CreateBooking, Operation, PressTransition, SendMessage, write_payload
from contract.verdicts import Verdict
from server.actions.perform import perform
from server.store.checks import store_checks
from server.store.feed import Change
from server.store.past import feed_page
from server.store.retention import shorten_feed
from server.store.tables import bookings, messages, status_history
from server.store.transactions import WriteTx
from tests.faults.machines.counted_machine import CountedMachine
from tests.faults.machines.sizes import sized, unhurried
from tests.faults.tally import Tally
from tests.support.engines import at_a_prompt
from tests.support.writing_desk import WritingDesk

pytestmark = unhurried
OLGA = Actor(new_id(), "operator", "Olga")
KINDS = ("create", "press", "assign", "say", "raise")
jobs = st.lists(
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 9)), min_size=1, max_size=4), min_size=1, max_size=3
)


class Deliberate(Exception):
    """A job fails because it was told to, whatever it has written."""


class FeedMachine(CountedMachine):
    FAULTS = (
        "job failed", "asked again", "changed at a prompt", "shortened", "closed and opened", "crashed",
        "crashed in a commit",
    )  # fmt: skip

    def __init__(self, tally: Tally) -> None:
        super().__init__(tally)
        self.folder = tempfile.TemporaryDirectory()
        self.lives = 0
        self.told: dict[int, Change] = {}
        self.floor = 0
        self.known: list[str] = []
        self.judged: dict[str, tuple[Operation, Verdict]] = {}

    @initialize()
    def begin(self) -> None:
        self.place = Path(self.folder.name) / "0"
        self.desk = WritingDesk(self.place)

    # --- writing -----------------------------------------------------------------------------------------------------

    def operation(self, kind: str, number: int, known: list[str]) -> Operation | None:
        booking = known[number % len(known)] if known else None
        if kind == "create":
            return Operation(new_id(), "booking.create", None, write_payload(CreateBooking("chat")))
        if booking is None:
            return None
        if kind == "press":
            step = ("accept", "deploy", "complete", "cancel")[number % 4]
            payload = write_payload(PressTransition(step, {"reason": "because"}))
            return Operation(new_id(), "booking.transition", booking, payload)
        if kind == "assign":
            department = ("night", "day", None)[number % 3]
            return Operation(new_id(), "booking.assign", booking, write_payload(Assign(department=department)))
        return Operation(new_id(), "message.send", booking, write_payload(SendMessage(f"line {number}")))

    @rule(wanted=jobs)
    def commit(self, wanted: list[list[tuple[str, int]]]) -> None:
        """Several jobs in one commit; one that fails takes only itself back."""

        def job(steps: list[tuple[str, int]]) -> Callable[[WriteTx], list[tuple[Operation, Verdict]]]:
            def run(tx: WriteTx) -> list[tuple[Operation, Verdict]]:
                done: list[tuple[Operation, Verdict]] = []
                for kind, number in steps:
                    if kind == "raise":
                        raise Deliberate
                    made = [operation.op_id for operation, _ in done if operation.kind == "booking.create"]
                    operation = self.operation(kind, number, self.known + made)
                    if operation is not None:
                        done.append((operation, perform(tx, self.desk.workflows, OLGA, "device", operation)))
                return done

            return run

        for result in self.desk.run(*(job(steps) for steps in wanted)):
            if isinstance(result, Deliberate):
                self.tally.struck("job failed")
                continue
            assert not isinstance(result, BaseException), result
            self.tally.did(len(result))
            for operation, verdict in result:
                self.judged[operation.op_id] = (operation, verdict)
                if operation.kind == "booking.create":
                    self.known.append(operation.op_id)
        self.hear()

    @precondition(lambda self: self.judged)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """An answer was lost: the same again gets the same answer, and nobody hears of it."""
        operation, verdict = self.judged[data.draw(st.sampled_from(list(self.judged)))]
        self.tally.struck("asked again")
        self.desk.run(lambda tx: None)
        self.hear()
        head = self.desk.writer.head
        again = self.desk.write(lambda tx: perform(tx, self.desk.workflows, OLGA, "device", operation))
        assert msgspec.structs.replace(again, seq=None) == msgspec.structs.replace(verdict, seq=None)
        assert self.desk.writer.head == head

    @rule(title=st.sampled_from(["x", "y"]))
    def change_by_hand(self, title: str) -> None:
        self.another_program_writes(title)
        self.desk.run(lambda tx: None)
        self.hear()

    def another_program_writes(self, title: str) -> None:
        """The server has not looked yet."""
        self.tally.struck("changed at a prompt")
        at_a_prompt(self.desk.settings, f"UPDATE bookings SET title='{title}' WHERE title<>'{title}'")

    @rule(keep=st.integers(1, 30))
    def shorten(self, keep: int) -> None:
        settings = msgspec.structs.replace(self.desk.settings, keep_lines=keep, keep_days=0)
        self.desk.write(lambda tx: shorten_feed(tx, settings))
        self.hear()
        self.tally.struck("shortened", self.desk.writer.floor > self.floor)
        assert self.floor <= self.desk.writer.floor <= max(self.desk.writer.head - keep, self.floor)
        self.floor = self.desk.writer.floor

    # --- ends of the process -----------------------------------------------------------------------------------------

    @rule()
    def reopen(self) -> None:
        self.tally.struck("closed and opened")
        self.desk.writer.close()
        self.desk = WritingDesk(self.place)
        self.catch_up()

    @rule(in_a_commit=st.booleans(), untold=st.booleans())
    def crash(self, in_a_commit: bool, untold: bool) -> None:
        """SQLite: the folder as it lies on the disk is all that is left. PostgreSQL: the session ends without a word.
        Half a transaction is on neither."""
        self.tally.struck("crashed in a commit" if in_a_commit else "crashed")
        if untold:
            self.another_program_writes("told to nobody")
        if in_a_commit:
            self.desk.writer.begin(1_700_000_000_000)
            self.desk.writer.tx.insert_booking({"id": new_id(), "code": "X", "workflow": "chat", "status": "pending"})
        if self.desk.link.dialect == "sqlite":
            self.lives += 1
            before, self.place = self.place, Path(self.folder.name) / str(self.lives)
            shutil.copytree(before, self.place)
        self.desk.writer.close()
        self.desk = WritingDesk(self.place)
        self.catch_up()

    def catch_up(self) -> None:
        """What another program wrote, and nobody had been told when the end came."""
        before = self.desk.writer.head
        for change in self.page(max(self.told, default=0)):
            self.note(change)
        assert max(self.told, default=0) == before

    # --- what must hold ----------------------------------------------------------------------------------------------

    def page(self, after: int) -> list[Change]:
        found = self.desk.write(lambda tx: feed_page(tx, after, 10_000))
        changes: list[Change] = found.changes
        return changes

    def note(self, change: Change) -> None:
        assert change.seq == max(self.told, default=0) + 1, "a gap, or twice the same number"
        self.told[change.seq] = change

    def hear(self) -> None:
        for batch in self.desk.batches:
            assert batch.to_seq == batch.changes[-1].seq
            for change in batch.changes:
                self.note(change)
        self.desk.batches.clear()

    @invariant()
    def the_past_is_as_it_was_told(self) -> None:
        if not self.told:
            return
        self.hear()
        floor = self.desk.writer.floor
        read = self.page(floor)
        self.hear()
        assert read == [self.told[seq] for seq in sorted(self.told) if seq > floor]

    @invariant()
    def the_feed_replayed_is_the_database(self) -> None:
        if not self.told:
            return
        rows: dict[str, dict[str, Any]] = {}
        for seq in sorted(self.told):
            change = self.told[seq]
            if change.row is None:
                rows.pop(change.row_id)
            else:
                rows[change.row_id] = json.loads(change.row)
        stored = {row["id"]: row for table in (bookings, messages, status_history) for row in self.desk.rows(table)}
        assert rows == stored

    @invariant()
    def what_was_applied_has_its_effect_once_and_nothing_else_has_any(self) -> None:
        """What a failed job had done before it failed is among the nothing else."""
        if not self.told:
            return
        applied = [operation for operation, verdict in self.judged.values() if verdict.verdict == "applied"]
        pressed = [each.op_id for each in applied if each.kind in {"booking.create", "booking.transition"}]
        said = [each.op_id for each in applied if each.kind == "message.send"]
        assert sorted(row["op_id"] for row in self.desk.rows(status_history)) == sorted(pressed)
        assert sorted(row["id"] for row in self.desk.rows(messages, messages.c.kind == "text")) == sorted(said)

    def teardown(self) -> None:
        try:
            if hasattr(self, "desk"):
                assert [check for check in self.desk.write(store_checks) if check.problem] == []
                super().teardown()
        finally:
            if hasattr(self, "desk"):
                self.desk.writer.close()
            self.folder.cleanup()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_that_the_feed_is_dense_immutable_and_true_whatever_happens(engine: str, tally: Tally) -> None:
    examples = {"sqlite": 8, "postgresql": 4}[engine]
    run_state_machine_as_test(partial(FeedMachine, tally), settings=sized(examples, steps=15))  # type: ignore[arg-type, no-untyped-call]
