"""Tier 2: the outbox as a machine on real files, against the tables of docs/states.md, through closing and crashing.

A crash is the folder copied as it lies on the disk, journal and all, while the old process still has it open, at times
in the middle of a commit; the copy is opened in its place.
"""

import itertools
import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from contract.operations import EditMessage, Operation
from desktop.state.op_state import OP_EVENTS, IllegalMove, OpEvent
from desktop.store.outbox_lanes import LEASE
from desktop.store.outbox_moves import Outcome, move
from desktop.store.profile import Profile
from desktop.store.sqlcipher import transaction
from tests.faults.machines.counted_machine import CountedMachine
from tests.faults.machines.sizes import sized, unhurried
from tests.faults.tables.published import target
from tests.faults.tally import Tally
from tests.support.desk_builders import ANN, fresh_profile, line, operation, press

pytestmark = unhurried
MOVES = "An operation in the outbox"
CHILDREN = "What was clicked on the strength of another"
LANES = ("a", "b")
STUCK = {"rejected", "needs_decision", "failed", "blocked"}
FAULTS: tuple[OpEvent, ...] = ("not_taken", "refused", "unacceptable", "overtaken", "restored")
ANSWERS: tuple[OpEvent, ...] = ("applied", "not_taken", "refused", "unacceptable")
HAPPENS = tuple(event for event in OP_EVENTS if event not in {"claimed", "stranded", "freed", "returned"})
"""Without what a rule of its own does, and what only ever follows from another operation."""


@dataclass
class Known:
    """What the page says has become of an operation."""

    kind: str
    lane: str
    state: str
    parent: str | None
    wants_yes: bool = False
    attempts: int = 0


class Pulled(Exception):
    """The plug, in the middle of a commit."""


class OutboxMachine(CountedMachine):
    FAULTS = (*FAULTS, "closed", "crashed", "crashed in a commit")

    def __init__(self, tally: Tally) -> None:
        super().__init__(tally)
        self.folder = tempfile.TemporaryDirectory()
        self.lives = itertools.count()
        self.now = 1_000_000.0
        self.known: dict[str, Known] = {}

    @initialize()
    def begin(self) -> None:
        self.place = Path(self.folder.name) / str(next(self.lives))
        self.profile: Profile = fresh_profile(self.place, clock=lambda: self.now)

    # --- clicks ------------------------------------------------------------------------------------------------------

    def click(self, op: Operation, lane: str, *, held: bool = False, hold_until: float = 0.0) -> None:
        added = self.profile.outbox.add(op, lane, held=held, hold_until=hold_until)
        parent = self.known[added.depends_on].state if added.depends_on else None
        waits = parent in STUCK or (parent == "held" and not held)
        state = "blocked" if waits else "held" if held else "queued"
        self.known[op.op_id] = Known(op.kind, lane, state, added.depends_on, held)
        self.tally.did()

    @rule(lane=st.sampled_from(LANES))
    def write(self, lane: str) -> None:
        self.click(line(lane), lane)

    @rule(lane=st.sampled_from(LANES), held=st.booleans(), undo=st.booleans())
    def press(self, lane: str, held: bool, undo: bool) -> None:
        self.click(press(lane, "accept"), lane, held=held, hold_until=self.now + 5 if undo else 0.0)

    @precondition(lambda self: any(op.kind == "message.send" for op in self.known.values()))
    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        written = data.draw(st.sampled_from([op for op, known in self.known.items() if known.kind == "message.send"]))
        lane = self.known[written].lane
        self.click(operation(lane, EditMessage(written, "Better"), "message.edit"), lane)

    # --- what becomes of them ----------------------------------------------------------------------------------------

    def expect_move(self, op_id: str, to: str) -> None:
        """Notes a move, and by the second table what follows it."""
        self.known[op_id].state = to
        for child_id, child in self.known.items():
            event = target(CHILDREN, to, child.state) if child.parent == op_id else None
            if event == "overtaken" and child.kind in {"message.edit", "message.remove"}:
                event = "discarded"
            if event == "freed" and child.wants_yes:
                event = "returned"
            if event is not None:
                self.expect_move(child_id, target(MOVES, event, child.state) or "nowhere")

    @precondition(lambda self: self.known)
    @rule(data=st.data(), event=st.sampled_from(HAPPENS))
    def meet(self, data: st.DataObject, event: OpEvent) -> None:
        """Anything happens to any operation: it moves as the page says, or not at all."""
        self.move(data.draw(st.sampled_from(list(self.known))), event)

    @precondition(lambda self: self.moves())
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """Something that can happen does, which by chance alone it seldom would."""
        self.move(*data.draw(st.sampled_from(self.moves())))

    def moves(self) -> list[tuple[str, OpEvent]]:
        return [
            (op_id, event)
            for op_id, known in self.known.items()
            for event in HAPPENS
            if target(MOVES, event, known.state) is not None
        ]

    def move(self, op_id: str, event: OpEvent) -> None:
        to = target(MOVES, event, self.known[op_id].state)
        if to is None:
            with pytest.raises(IllegalMove):
                self.profile.outbox.move(op_id, event, "met")
        else:
            known = self.known[op_id]
            parent = self.known[known.parent].state if known.parent else None
            known.wants_yes &= event != "confirmed" or known.state == "failed"
            waits = event == "confirmed" and parent in {*STUCK, "held"}
            found = self.profile.outbox.move(op_id, event, "met", Outcome(epoch="e", seq=1))
            assert found == ("blocked" if waits else to)
            self.expect_move(op_id, to)
            if waits:
                self.expect_move(op_id, "blocked")
            self.tally.struck(event, event in FAULTS)

    @rule()
    def claim(self) -> None:
        self.take()

    @rule(answer=st.sampled_from(ANSWERS))
    def send(self, answer: OpEvent) -> None:
        """What is due goes out and comes back at once, as it mostly does."""
        for op_id in self.take():
            self.move(op_id, answer)

    def take(self) -> list[str]:
        """The oldest waiting of a booking, no two of one, and nothing that waits for a person."""
        taken = self.profile.lanes.claim(ANN.user_id)
        assert len({op.lane for op in taken}) == len(taken)
        for op in taken:
            known = self.known[op.op_id]
            assert known.state in {"queued", "sending"}
            waiting = [each for each, found in self.known.items() if found.lane == op.lane and found.state in WAITS]
            assert op.op_id == waiting[0]
            known.attempts += 1
            if known.state == "queued":
                self.expect_move(op.op_id, "sending")
        return [op.op_id for op in taken]

    @rule(seconds=st.sampled_from([1.0, 6.0, LEASE + 1]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    # --- ends of the process -----------------------------------------------------------------------------------------

    def reopened(self) -> None:
        """What was on the wire has lost its answer with the process that asked."""
        for op_id, known in self.known.items():
            if known.state == "sending":
                self.expect_move(op_id, "queued")

    def reopen(self) -> None:
        self.profile.close()
        self.profile = fresh_profile(self.place, clock=lambda: self.now)
        self.reopened()

    def pull_the_plug(self) -> None:
        left = self.place
        self.place = Path(self.folder.name) / str(next(self.lives))
        shutil.copytree(left, self.place)

    def crash(self) -> None:
        self.pull_the_plug()
        self.reopen()

    @rule(how=st.sampled_from(["closed", "crashed"]))
    def end(self, how: str) -> None:
        self.tally.struck(how)
        self.reopen() if how == "closed" else self.crash()

    @precondition(lambda self: any(known.state == "queued" for known in self.known.values()))
    @rule()
    def crash_in_a_commit(self) -> None:
        """Half a transaction is on its way to the disk: after the crash it has never been."""
        self.tally.struck("crashed in a commit")
        op_id = next(op for op, known in self.known.items() if known.state == "queued")
        connection = self.profile.outbox._connection
        with pytest.raises(Pulled), transaction(connection):
            move(connection, op_id, "discarded", "never committed", self.now)
            self.pull_the_plug()
            raise Pulled
        self.reopen()

    # --- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def everything_clicked_is_there_as_the_page_says(self) -> None:
        for op_id, known in self.known.items():
            found = self.profile.outbox.get(op_id)
            assert found is not None
            assert (found.state, found.attempts, found.lane) == (known.state, known.attempts, known.lane)
        unfinished = [op for op, known in self.known.items() if known.state not in {"sent", "discarded"}]
        assert [op.op_id for op in self.profile.outbox.unfinished()] == unfinished

    @invariant()
    def every_trail_is_a_way_the_page_allows(self) -> None:
        for op_id, known in self.known.items():
            steps = [(before, to) for _, before, to, _ in self.profile.outbox.trail(op_id)]
            assert steps[0][0] is None
            assert steps[-1][1] == known.state
            for (_, reached), (before, to) in itertools.pairwise(steps):
                assert before == reached
                assert before == to or any(target(MOVES, event, before or "") == to for event in OP_EVENTS)

    def teardown(self) -> None:
        try:
            if hasattr(self, "profile"):
                self.heal()
                super().teardown()
        finally:
            if hasattr(self, "profile"):
                self.profile.close()
            self.folder.cleanup()

    def heal(self) -> None:
        """Whatever happened: once the server answers, all that waits for nobody goes, each booking's in order."""
        for _ in range(len(self.known) + 1):
            self.now += 2 * LEASE
            self.take()
            for op_id, known in self.known.items():
                if known.state == "sending":
                    self.profile.outbox.move(op_id, "applied", "applied", Outcome(epoch="e", seq=1))
                    self.expect_move(op_id, "sent")
        self.everything_clicked_is_there_as_the_page_says()
        assert not [known for known in self.known.values() if known.state in WAITS]
        for known in self.known.values():
            if known.state == "blocked" and known.parent is not None:
                assert self.known[known.parent].state in {"held", "rejected", "needs_decision", "failed", "blocked"}


WAITS = ("queued", "sending")


def test_that_the_outbox_is_what_the_page_says_whatever_happens(tally: Tally) -> None:
    run_state_machine_as_test(partial(OutboxMachine, tally), settings=sized(examples=12, steps=40))  # type: ignore[arg-type, no-untyped-call]
