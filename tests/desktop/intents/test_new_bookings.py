"""Work on a booking that the server has not made yet: buttons, its first line, and asking for it again."""

import msgspec
import pytest

from contract.operations import CreateBooking, Expect
from desktop.intents.create_booking import create_booking
from desktop.intents.edit_queued import edit_queued
from desktop.intents.press_transition import press_transition
from desktop.intents.retry import retry
from desktop.intents.send_message import send_message
from desktop.store.outbox_moves import Outcome
from tests.desktop.intents.test_messages import refused
from tests.support.desk_builders import ANN


@pytest.fixture
def opened(quiet):
    asked = CreateBooking("protection", customer_name="Layla", message="Where shall we meet?")
    return create_booking(quiet.context, asked)


def lines(quiet, booking_id):
    return [line.text for line in quiet.desk.reader.conversation(booking_id, ANN).lines]


def test_that_a_button_of_a_booking_just_opened_can_be_pressed_and_goes_after_it(quiet, opened):
    press_transition(quiet.context, opened, "accept")
    refused("illegal_transition", press_transition, quiet.context, opened, "accept")
    quiet.now += 60
    assert [op.kind for op in quiet.claim()] == ["booking.create"]
    quiet.desk.outbox.move(opened, "applied", "applied", Outcome(epoch="e", seq=1))
    [sent] = quiet.claim()
    assert (sent.kind, sent.operation.expect) == ("booking.transition", Expect(version=1, status="pending"))


def test_that_its_first_line_can_be_changed_until_it_leaves(quiet, opened):
    assert edit_queued(quiet.context, opened, "Where and when?") == opened
    assert lines(quiet, opened) == ["Where and when?"]
    quiet.claim()
    refused("on_its_way", edit_queued, quiet.context, opened, "Too late")


def test_that_one_the_server_refused_is_asked_for_again_as_another_booking(quiet, opened):
    quiet.claim()
    quiet.desk.outbox.move(opened, "refused", "refused", Outcome(code="code_taken", error="This code is taken."))
    again = retry(quiet.context, opened)
    assert list(quiet.desk.reader.new_bookings()) == [again]
    send_message(quiet.context, again, "And when?")
    assert lines(quiet, again) == ["Where shall we meet?", "And when?"]
    assert [op.lane for op in quiet.ops()] == [again, again]
    quiet.claim()
    quiet.desk.outbox.move(again, "refused", "refused", Outcome(code="code_taken"))
    third = edit_queued(quiet.context, again, "Where then?")
    assert lines(quiet, third) == ["Where then?"]
    assert msgspec.structs.asdict(quiet.ops()[-1].payload)["customer_name"] == "Layla"
