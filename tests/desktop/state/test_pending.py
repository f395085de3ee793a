"""Which operations still colour the screen, and which were clicked on the strength of another."""

from dataclasses import replace

import pytest

from contract.operations import CreateBooking, EditMessage
from desktop.state.op_state import OP_STATES
from desktop.state.pending import FeedPosition, parent_of, shows, status_after, target_of
from tests.support.desk_builders import line, operation, pending, press, workflow

HERE = FeedPosition("e1", 40)


def test_that_a_sent_operation_shows_until_the_feed_has_passed_it():
    assert shows(pending(line("b"), "sent", epoch="e1", seq=41), HERE)
    assert not shows(pending(line("b"), "sent", epoch="e1", seq=40), HERE)
    assert not shows(pending(line("b"), "sent", epoch="e0", seq=41), HERE)


@pytest.mark.parametrize("state", [state for state in OP_STATES if state not in {"sent", "discarded"}])
def test_that_whatever_is_unfinished_shows(state):
    assert shows(pending(line("b"), state), HERE)


def test_that_a_discarded_operation_does_not_show():
    assert not shows(pending(line("b"), "discarded"), HERE)


def test_that_presses_on_their_way_lead_on_from_each_other():
    ops = [pending(press("b", "accept")), pending(line("b")), pending(press("b", "deploy", "accepted"))]
    assert status_after("pending", ops, workflow()) == "deployed"
    assert status_after("pending", ops, None) == "pending"


@pytest.mark.parametrize("state", ["rejected", "needs_decision", "blocked", "failed"])
def test_that_a_press_that_is_stuck_leads_nowhere(state):
    assert status_after("pending", [pending(press("b", "accept"), state)], workflow()) == "pending"


def test_that_a_press_behind_one_that_waits_for_a_yes_leads_on_from_it():
    held = pending(press("b", "accept"), "held")
    behind = pending(press("b", "deploy", "accepted"), "blocked", depends_on=held.op_id)
    assert status_after("pending", [held, behind], workflow()) == "deployed"
    assert status_after("pending", [replace(held, state="needs_decision"), behind], workflow()) == "pending"


def test_that_an_unknown_transition_has_no_target():
    assert target_of(pending(press("b", "fly")), workflow()) is None
    assert target_of(pending(line("b")), workflow()) is None


def test_that_a_press_builds_on_the_unsent_press_before_it():
    first, sent = pending(press("b", "accept")), pending(press("b", "accept"), "sent")
    assert parent_of(press("b", "deploy", "accepted"), [first, pending(line("b"))]) == first.op_id
    assert parent_of(press("b", "deploy", "accepted"), [sent]) is None
    assert parent_of(line("b"), [first]) is None


def test_that_a_change_builds_on_the_unsent_line_it_changes():
    written, other = pending(line("b")), pending(line("b"))
    change = operation("b", EditMessage(written.op_id, "Better"), "message.edit")
    assert parent_of(change, [written, other]) == written.op_id
    assert parent_of(change, [other]) is None


def test_that_everything_in_a_booking_not_yet_made_builds_on_its_making():
    made = pending(operation(None, CreateBooking("protection"), "booking.create"))
    assert parent_of(line(made.op_id), [made]) == made.op_id
    for refused in ("rejected", "failed", "needs_decision"):
        assert parent_of(line(made.op_id), [replace(made, state=refused)]) == made.op_id
