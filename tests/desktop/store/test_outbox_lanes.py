"""Lanes: one operation of a booking at a time, in the order of the clicks, through failures, leases and restarts."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from desktop.network.answers import LONGEST_WAIT
from desktop.store.outbox_lanes import LEASE
from desktop.store.outbox_moves import Outcome
from tests.support.desk_builders import ANN, fresh_profile, line, press


def texts(ops):
    return [op.payload.text for op in ops]


def test_that_a_claim_takes_the_oldest_of_each_booking_and_no_second(profile):
    for booking, text in (("a", "a1"), ("a", "a2"), ("b", "b1"), ("c", "c1")):
        profile.outbox.add(line(booking, text), booking)
    assert texts(profile.lanes.claim(ANN.user_id)) == ["a1", "b1", "c1"]
    assert profile.lanes.claim(ANN.user_id) == []


def test_that_a_press_in_its_undo_time_holds_up_its_own_booking_only(profile, clock):
    profile.outbox.add(press("a", "accept"), "a", hold_until=clock[0] + 5)
    profile.outbox.add(line("a", "after"), "a")
    profile.outbox.add(line("b", "b1"), "b")
    assert texts(profile.lanes.claim(ANN.user_id)) == ["b1"]
    assert profile.lanes.next_ready_at(ANN.user_id) == pytest.approx(clock[0] + 5)
    clock[0] += 5.1
    assert [op.kind for op in profile.lanes.claim(ANN.user_id)] == ["booking.transition"]


@pytest.mark.parametrize("state", ["held", "needs_decision"])
def test_that_what_needs_a_person_holds_up_no_chat(profile, state):
    op = profile.outbox.add(press("a", "accept"), "a", held=state == "held")
    if state == "needs_decision":
        profile.outbox.move(op.op_id, "overtaken", "the booking is declined")
    profile.outbox.add(line("a", "after"), "a")
    assert texts(profile.lanes.claim(ANN.user_id)) == ["after"]


def test_that_an_operation_nobody_answered_for_is_taken_again_after_its_lease(profile, clock):
    profile.outbox.add(line("a"), "a")
    [first] = profile.lanes.claim(ANN.user_id)
    clock[0] += LEASE - 1
    assert profile.lanes.claim(ANN.user_id) == []
    clock[0] += 2
    [again] = profile.lanes.claim(ANN.user_id)
    assert (again.op_id, again.attempts) == (first.op_id, 2)


def test_that_a_clock_set_back_by_a_year_stops_nothing(profile, clock):
    profile.outbox.add(line("a"), "a")
    profile.lanes.claim(ANN.user_id)
    profile.outbox.add(press("b", "accept"), "b", hold_until=clock[0] + 5)
    clock[0] -= 365 * 86400
    assert {op.lane for op in profile.lanes.claim(ANN.user_id)} == {"a", "b"}


def test_that_the_longest_wait_a_server_can_ask_for_is_kept(profile, clock):
    profile.outbox.add(line("a"), "a")
    [op] = profile.lanes.claim(ANN.user_id)
    profile.outbox.move(op.op_id, "not_taken", "busy", Outcome(not_before=clock[0] + LONGEST_WAIT))
    clock[0] += LONGEST_WAIT - 1
    assert profile.lanes.claim(ANN.user_id) == []
    clock[0] += 2
    assert len(profile.lanes.claim(ANN.user_id)) == 1


def test_that_one_that_must_go_alone_goes_alone(profile):
    for booking in "abc":
        profile.outbox.add(line(booking, booking), booking)
    for op in profile.lanes.claim(ANN.user_id):
        profile.outbox.move(op.op_id, "not_taken", "internal", Outcome(alone=op.lane == "a"))
    assert texts(profile.lanes.claim(ANN.user_id)) == ["a"]
    assert texts(profile.lanes.claim(ANN.user_id)) == ["b", "c"]


def test_that_presses_wait_while_the_picture_is_not_the_newest(profile):
    profile.outbox.add(press("a", "accept"), "a")
    profile.outbox.add(line("a", "after"), "a")
    profile.outbox.add(line("b", "b1"), "b")
    assert texts(profile.lanes.claim(ANN.user_id, presses=False)) == ["b1"]
    assert [op.lane for op in profile.lanes.claim(ANN.user_id)] == ["a"]


def test_that_a_batch_stays_small_enough_for_one_frame(profile):
    for number in range(60):
        profile.outbox.add(line(f"b{number}", "x"), f"b{number}")
    assert len(profile.lanes.claim(ANN.user_id)) == 50
    for number in range(60, 100):
        profile.outbox.add(line(f"b{number}", "ع" * 8_000), f"b{number}")
    sizes = []
    while claimed := profile.lanes.claim(ANN.user_id):
        sizes.append(sum(len(op.operation.payload) for op in claimed))
    assert sum(sizes) > 40 * 16_000
    assert max(sizes) <= 150_000


def test_that_a_restart_puts_back_what_was_on_the_wire(tmp_path):
    profile = fresh_profile(tmp_path)
    op = profile.outbox.add(line("a"), "a")
    profile.lanes.claim(ANN.user_id)
    profile.close()
    profile = fresh_profile(tmp_path)
    assert [each.op_id for each in profile.lanes.claim(ANN.user_id)] == [op.op_id]
    assert "restart" in [why for *_, why in profile.outbox.trail(op.op_id)]
    profile.close()


class Lanes(RuleBasedStateMachine):
    """A sender against a server that applies, loses, doubles: what it applied must be in click order per booking."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = 1_000_000.0
        self.clicked = {}
        self.applied = {}
        self.in_flight = []

    @initialize()
    def open(self):
        self.profile = fresh_profile(Path(self.folder.name), clock=lambda: self.now)

    @rule(booking=st.sampled_from("abc"), held=st.booleans())
    def click(self, booking, held):
        op = self.profile.outbox.add(line(booking), booking, hold_until=self.now + 5 if held else 0.0)
        self.clicked.setdefault(booking, []).append(op.op_id)

    @rule()
    def claim(self):
        taken = self.profile.lanes.claim(ANN.user_id)
        lanes = [op.lane for op in taken]
        assert len(lanes) == len(set(lanes))
        self.in_flight.extend(op for op in taken if op.op_id not in {each.op_id for each in self.in_flight})

    @rule(data=st.data(), lost=st.booleans(), reached=st.booleans())
    def answer(self, data, lost, reached):
        if not self.in_flight:
            return
        op = data.draw(st.sampled_from(self.in_flight))
        self.in_flight.remove(op)
        if reached and op.op_id not in self.applied.setdefault(op.lane, []):
            self.applied[op.lane].append(op.op_id)
        if lost or not reached:
            self.profile.outbox.move(op.op_id, "not_taken", "unreachable")
        else:
            self.profile.outbox.move(op.op_id, "applied", "applied", Outcome(epoch="e", seq=1))

    @rule(seconds=st.sampled_from([1.0, 6.0, 100.0]))
    def wait(self, seconds):
        self.now += seconds

    @rule()
    def restart(self):
        self.profile.close()
        self.in_flight.clear()
        self.profile = fresh_profile(Path(self.folder.name), clock=lambda: self.now)

    @invariant()
    def applied_in_click_order(self):
        for booking, applied in self.applied.items():
            assert applied == self.clicked[booking][: len(applied)]

    def teardown(self):
        """Whatever happened: once the server answers, everything arrives, once, in order."""
        self.now += 1_000.0
        self.profile.lanes.recover()
        while taken := self.profile.lanes.claim(ANN.user_id):
            for op in taken:
                if op.op_id not in self.applied.setdefault(op.lane, []):
                    self.applied[op.lane].append(op.op_id)
                self.profile.outbox.move(op.op_id, "applied", "applied", Outcome(epoch="e", seq=1))
        self.profile.close()
        self.folder.cleanup()
        assert self.applied == self.clicked


TestLanes = Lanes.TestCase
TestLanes.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
