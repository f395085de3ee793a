"""Status buttons: judged here as at the server, held back for undo, conditional on what was seen."""

import msgspec
import pytest

from contract.delivery import Delivery
from contract.operations import CreateBooking, Expect
from desktop.intents.apply_anyway import apply_anyway
from desktop.intents.assign import assign
from desktop.intents.create_booking import create_booking
from desktop.intents.dismiss_conflict import dismiss_conflict
from desktop.intents.live_desk import LiveDesk
from desktop.intents.press_transition import press_transition
from desktop.intents.retry import retry
from desktop.intents.send_message import send_message
from desktop.intents.undo_press import undo_press
from desktop.state.lines import Me
from desktop.store.outbox_moves import Outcome
from tests.desktop.intents.conftest import BOOKING
from tests.desktop.intents.test_messages import refused
from tests.support.desk_builders import ANN, BEN, booking_row


def detail(quiet):
    return quiet.desk.reader.detail(BOOKING, ANN)


def set_offline_rule(quiet, transition, rule):
    workflows = quiet.desk.reader.workflows
    found = workflows["protection"]
    changed = found.transitions | {transition: _with_rule(found.transitions[transition], rule)}
    workflows["protection"] = _with(found, transitions=changed)


def _with(struct, **values):
    return msgspec.structs.replace(struct, **values)


def _with_rule(transition, rule):
    return _with(transition, offline=rule)


def test_that_a_press_is_held_back_for_undo_then_goes_with_what_was_seen(quiet):
    op_id = press_transition(quiet.context, BOOKING, "accept")
    [press] = detail(quiet).pending
    assert (press.op_id, press.to_status, press.undo_until) == (op_id, "accepted", quiet.now + 5)
    assert quiet.claim() == []
    quiet.now += 5.01
    assert detail(quiet).pending[0].undo_until is None
    [sent] = quiet.claim()
    assert sent.operation.expect == Expect(version=1, status="pending")


def test_that_undo_leaves_nothing_to_send(quiet):
    op_id = press_transition(quiet.context, BOOKING, "accept")
    assert undo_press(quiet.context, op_id) is True
    quiet.now += 60
    assert quiet.claim() == []
    assert detail(quiet).pending == ()
    assert undo_press(quiet.context, op_id) is False


def test_that_a_press_on_the_wire_cannot_be_undone(quiet):
    op_id = press_transition(quiet.context, BOOKING, "accept")
    quiet.now += 6
    quiet.claim()
    assert undo_press(quiet.context, op_id) is False


def test_that_a_second_press_expects_what_the_first_leads_to(quiet):
    press_transition(quiet.context, BOOKING, "accept")
    press_transition(quiet.context, BOOKING, "deploy")
    assert [op.operation.expect for op in quiet.ops()] == [
        Expect(version=1, status="pending"),
        Expect(version=None, status="accepted"),
    ]
    assert detail(quiet).buttons == ("arrive", "cancel")


@pytest.mark.parametrize(
    ("transition", "values", "code"),
    [
        ("deploy", {}, "illegal_transition"),
        ("fly", {}, "unknown_transition"),
        ("decline", {}, "value_missing"),
        ("decline", {"reason": "  "}, "value_missing"),
    ],
)
def test_that_a_press_the_server_would_refuse_is_refused_here(quiet, transition, values, code):
    refused(code, press_transition, quiet.context, BOOKING, transition, values)
    assert quiet.ops() == []


def test_that_a_role_without_the_button_is_refused(quiet):
    quiet.desk.session.me = Me(ANN.user_id, "Ann", "agent", "")
    refused("forbidden", press_transition, quiet.context, BOOKING, "accept")


def test_that_a_booking_not_here_is_not_pressed(quiet):
    refused("booking_not_found", press_transition, quiet.context, BEN.user_id, "accept")


def test_that_deny_needs_a_connection_and_hold_waits_for_a_yes(quiet):
    set_offline_rule(quiet, "accept", "deny")
    refused("needs_connection", press_transition, quiet.context, BOOKING, "accept")
    set_offline_rule(quiet, "accept", "hold")
    op_id = press_transition(quiet.context, BOOKING, "accept")
    assert detail(quiet).pending[0].delivery is Delivery.HELD
    quiet.now += 60
    assert quiet.claim() == []
    assert retry(quiet.context, op_id) == op_id
    assert [op.op_id for op in quiet.claim()] == [op_id]


def test_that_what_builds_on_a_held_press_cannot_go_before_it(quiet):
    set_offline_rule(quiet, "accept", "hold")
    held = press_transition(quiet.context, BOOKING, "accept")
    behind = press_transition(quiet.context, BOOKING, "deploy")
    assert detail(quiet).pending_status == "deployed"
    assert [press.waits_for_another for press in detail(quiet).pending] == [False, True]
    refused("waits_for_another", retry, quiet.context, behind)
    retry(quiet.context, held)
    quiet.now += 6
    assert [op.op_id for op in quiet.claim()] == [held]


@pytest.mark.parametrize("rule", ["deny", "hold", "allow"])
def test_that_while_live_every_rule_lets_the_press_through(quiet, rule):
    quiet.be_live()
    set_offline_rule(quiet, "accept", rule)
    press_transition(quiet.context, BOOKING, "accept")
    quiet.now += 6
    assert len(quiet.claim()) == 1


def overtaken_press(quiet):
    op_id = press_transition(quiet.context, BOOKING, "accept")
    quiet.now += 6
    quiet.claim()
    quiet.feed("bookings", booking_row(BOOKING, "declined", 2))
    quiet.feed("bookings", booking_row(BOOKING, "pending", 3))
    quiet.desk.outbox.move(op_id, "refused", "stale", Outcome(code="stale", error="Changed."))
    return op_id


def test_that_applying_anyway_is_a_new_press_on_the_present_picture(quiet):
    old = overtaken_press(quiet)
    new = apply_anyway(quiet.context, old, "cancel", {"reason": "customer called"})
    assert new != old
    assert [op.op_id for op in quiet.ops()] == [new]
    assert quiet.ops()[0].operation.expect == Expect(version=3, status="pending")
    assert detail(quiet).conflicts == ()


def test_that_dismissing_lets_what_stands_stand(quiet):
    op_id = overtaken_press(quiet)
    assert len(detail(quiet).conflicts) == 1
    dismiss_conflict(quiet.context, op_id)
    assert detail(quiet).conflicts == ()
    assert quiet.ops() == []
    refused("not_queued", dismiss_conflict, quiet.context, op_id)


def test_that_a_press_that_is_no_longer_possible_stays_a_conflict(quiet):
    op_id = overtaken_press(quiet)
    refused("illegal_transition", apply_anyway, quiet.context, op_id, "deploy")
    assert len(detail(quiet).conflicts) == 1


def test_that_an_assignment_expects_the_booking_as_seen_unless_ours_is_still_to_change_it(quiet):
    assign(quiet.context, BOOKING, BEN.user_id)
    assign(quiet.context, BOOKING, None)
    assert [op.operation.expect for op in quiet.ops()] == [Expect(version=1), None]
    quiet.desk.session.me = Me(ANN.user_id, "Ann", "technician", "")
    refused("forbidden", assign, quiet.context, BOOKING, None)


def test_that_lines_may_be_written_to_a_booking_the_server_has_not_made_yet(quiet):
    booking_id = create_booking(quiet.context, CreateBooking("protection", customer_name="Omar"))
    send_message(quiet.context, booking_id, "Hello Omar")
    assert [op.kind for op in quiet.claim()] == ["booking.create"]
    quiet.desk.outbox.move(booking_id, "applied", "applied", Outcome(epoch="e", seq=1))
    [sent] = quiet.claim()
    assert (sent.kind, sent.operation.booking_id) == ("message.send", booking_id)
    refused("workflow_not_found", create_booking, quiet.context, CreateBooking("unknown"))


def test_that_the_outbox_speaks_the_windows_language_whatever_the_persons_is(quiet):
    press_transition(quiet.context, BOOKING, "accept")
    assert ANN.lang == "en"
    desk = LiveDesk(quiet.desk)
    assert [desk.outbox_lines(lang)[0].what for lang in ("en", "ar")] == ["Accept Booking", "قبول الحجز"]
