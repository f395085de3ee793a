"""Tier 2: rebase and overlay as a machine: a real desk beside a real server's store. The base always advances, one's
own operation shows until it is done or given up, and what needs a decision is never sent without one."""

import tempfile
from functools import partial
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from contract.operations import PressTransition
from contract.verdicts import Verdict
from desktop.intents.context import IntentRefused
from desktop.intents.discard import discard
from desktop.intents.press_transition import press_transition
from desktop.intents.retry import retry
from desktop.intents.send_message import send_message
from desktop.network.errors import Unreachable
from desktop.state.pending import PendingOp, status_after
from server.store.tables import bookings, messages, operations, status_history
from tests.faults.machines.counted_machine import CountedMachine
from tests.faults.machines.sizes import sized, unhurried
from tests.faults.tally import Tally
from tests.support.linkless_desk import LinklessDesk

pytestmark = unhurried
STEPS = ("accept", "deploy", "arrive", "decline", "cancel")
values = {"reason": "because"}


class RebaseMachine(CountedMachine):
    FAULTS = ("link lost", "request lost", "answer lost", "pressed by another", "restarted")

    def __init__(self, tally: Tally) -> None:
        super().__init__(tally)
        self.folder = tempfile.TemporaryDirectory()
        self.mine: list[str] = []
        self.on_the_wire: list[PendingOp] = []
        self.decided: set[str] = set()
        """What a person has said yes to after it needed a decision."""
        self.undecided: set[str] = set()
        self.others = 0

    @initialize()
    def begin(self) -> None:
        self.world = LinklessDesk(Path(self.folder.name))
        self.booking = self.world.new_booking()
        self.world.snapshot()
        self.link(joined=True)

    # --- Olga --------------------------------------------------------------------------------------------------------

    @rule(joined=st.booleans())
    def link(self, joined: bool) -> None:
        self.tally.struck("link lost", not joined)
        self.world.desk.parts.link.happened("joined" if joined else "lost")

    @rule()
    def write(self) -> None:
        try:
            self.mine.append(send_message(self.world.context, self.booking, f"line {len(self.mine)}"))
        except IntentRefused as refused:
            assert refused.code == "booking_closed"

    @rule(step=st.sampled_from(STEPS))
    def press(self, step: str) -> None:
        try:
            self.mine.append(press_transition(self.world.context, self.booking, step, values))
        except IntentRefused as refused:
            assert refused.code == "illegal_transition"

    @precondition(lambda self: self.mine)
    @rule(data=st.data(), yes=st.booleans())
    def decide(self, data: st.DataObject, yes: bool) -> None:
        op_id = data.draw(st.sampled_from(self.mine))
        try:
            if yes:
                now = retry(self.world.context, op_id)
                self.decided.add(now)
                if now != op_id:
                    self.mine.append(now)
            else:
                discard(self.world.context, op_id)
        except IntentRefused as refused:
            assert refused.code in {"not_queued", "on_its_way"}

    # --- the wire ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: not self.on_the_wire)
    @rule()
    def send(self) -> None:
        link, reader = self.world.desk.parts.link, self.world.desk.reader
        self.on_the_wire = self.world.claim() if link.can_send else []
        for op in self.on_the_wire:
            assert op.op_id not in self.undecided - self.decided, "sent without a person's word"
            if op.kind == "booking.transition" and op.attempts == 1 and op.op_id not in self.decided:
                assert link.is_live, "sent on an old picture"
                base = reader.booking(self.booking)
                assert base is not None and op.operation.expect is not None
                earlier = [each for each in self.shown_operations() if each.local_seq < op.local_seq]
                workflow = self.world.server.workflows["protection"]
                stands = status_after(base.status, [each for each in earlier if each.state == "sent"], workflow)
                target = workflow.transitions[op.payload.transition].to
                assert stands in {op.operation.expect.status, target}, "sent on a false picture"

    def shown_operations(self) -> list[PendingOp]:
        outbox, position = self.world.desk.outbox, self.world.desk.feed.position
        return outbox.showing([self.booking], position).get(self.booking, [])

    @precondition(lambda self: self.on_the_wire)
    @rule(lost=st.sampled_from([None, "answer lost", "request lost"]))
    def settle(self, lost: str | None) -> None:
        sent, self.on_the_wire = self.on_the_wire, []
        verdicts: list[Verdict] = [] if lost == "request lost" else [self.world.judge(op) for op in sent]
        if lost is None:
            self.world.answer(sent, verdicts)
        else:
            self.tally.struck(lost)
            self.world.fail(sent, Unreachable("cut"))

    @precondition(lambda self: not self.on_the_wire)
    @rule(lost=st.sampled_from([None, "answer lost", "request lost"]))
    def exchange(self, lost: str | None) -> None:
        """There and back before anything else happens, as it mostly is."""
        self.send()
        if self.on_the_wire:
            self.settle(lost)

    @rule(commits=st.integers(1, 3))
    def hear(self, commits: int) -> None:
        self.world.deliver(commits)

    # --- the others --------------------------------------------------------------------------------------------------

    @rule(step=st.sampled_from(STEPS))
    def ben_presses(self, step: str) -> None:
        self.tally.struck("pressed by another", bool(self.world.ben_presses(self.booking, step)))

    @rule()
    def customer_writes(self) -> None:
        status = self.world.server.rows(bookings)[0]["status"]
        if status not in {"completed", "declined", "cancelled"}:
            self.tally.did()
            self.world.server.say(self.world.customer, self.booking, f"other {self.others}")
            self.others += 1

    @rule()
    def restart(self) -> None:
        self.tally.struck("restarted")
        self.on_the_wire.clear()
        self.world.close_desk()
        self.world.open()

    # --- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def the_base_is_what_was_heard_whatever_waits_here(self) -> None:
        if not hasattr(self, "booking"):
            return
        seq = self.world.desk.feed.position.seq
        lines = self.world.desk.reader.conversation(self.booking, self.world.me, 500, None).lines
        heard = {
            change.row_id for change in self.world.server.changes() if change.table == "messages" and change.seq <= seq
        }
        assert {each.id for each in lines if each.position is not None} == heard
        positions = [each.position for each in lines if each.position is not None]
        assert positions == sorted(positions)
        assert len({each.id for each in lines}) == len(lines)

    @invariant()
    def every_operation_of_mine_shows_until_it_is_done_or_given_up(self) -> None:
        if not self.mine:
            return
        reader, me = self.world.desk.reader, self.world.me
        lines = {each.id for each in reader.conversation(self.booking, me, 500, None).lines}
        detail = reader.detail(self.booking, me)
        assert detail is not None
        pressed = {each.op_id for each in detail.pending} | {each.op_id for each in detail.conflicts}
        done = {step.op_id for step in detail.history}
        for op_id in self.mine:
            op = self.world.desk.outbox.get(op_id)
            assert op is not None
            if op.state == "needs_decision":
                self.undecided.add(op_id)
            if op.kind == "message.send":
                assert op_id in lines or op.state == "discarded"
            elif op.state == "sent":
                assert op_id in pressed | done or self.was_noop(op_id)
            elif op.state != "discarded":
                assert op_id in pressed
            assert op_id not in pressed or op.state != "discarded"

    def was_noop(self, op_id: str) -> bool:
        [row] = self.world.server.rows(operations, operations.c.op_id == op_id)
        return bool(row["verdict"] == "noop")

    def teardown(self) -> None:
        """The network is back: everything is sent, judged or put before a person, and the desk shows what there is."""
        try:
            if hasattr(self, "booking"):
                self.heal()
                self.tally.did(len(self.mine))
                super().teardown()
        finally:
            if hasattr(self, "world"):
                self.world.close()
            self.folder.cleanup()

    def heal(self) -> None:
        self.link(joined=True)
        for _ in range(2 * len(self.mine) + 3):
            if self.on_the_wire:
                self.settle(lost=None)
            while self.world.deliver():
                pass
            self.send()
        self.the_base_is_what_was_heard_whatever_waits_here()
        self.every_operation_of_mine_shows_until_it_is_done_or_given_up()
        server = self.world.server
        stored = {row["id"] for row in server.rows(messages)} | {row["op_id"] for row in server.rows(status_history)}
        for op_id in self.mine:
            op = self.world.desk.outbox.get(op_id)
            assert op is not None
            assert op.state not in {"queued", "sending"}, f"{op.kind} is left {op.state}"
            assert (op.state == "sent") == (op_id in stored or self.is_noop(op_id)), op.state
        stands = self.world.desk.reader.booking(self.booking)
        assert stands is not None
        assert stands.status == server.rows(bookings)[0]["status"]

    def is_noop(self, op_id: str) -> bool:
        op = self.world.desk.outbox.get(op_id)
        return (
            op is not None and op.state == "sent" and isinstance(op.payload, PressTransition) and self.was_noop(op_id)
        )


def test_that_the_base_advances_and_what_was_done_here_shows_until_it_is_done_or_given_up(tally: Tally) -> None:
    run_state_machine_as_test(partial(RebaseMachine, tally), settings=sized(examples=10, steps=25))  # type: ignore[arg-type, no-untyped-call]
