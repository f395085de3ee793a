"""Work on a booking that the server has not made yet: buttons, its first line, and asking for it again."""

import msgspec
import pytest

from contract.ids import derived_id
from contract.operations import CreateBooking, Expect
from desktop.intents.create_booking import create_booking
from desktop.intents.discard import discard
from desktop.intents.discard_line import discard_line
from desktop.intents.edit_message import edit_message
from desktop.intents.edit_queued import edit_queued
from desktop.intents.press_transition import press_transition
from desktop.intents.retry import retry
from desktop.intents.save_draft import draft, save_draft
from desktop.intents.send_message import send_message
from desktop.store.outbox_moves import Outcome
from tests.desktop.intents.test_messages import refused
from tests.support.desk_builders import ANN, booking_row


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


@pytest.mark.parametrize(("event", "code"), [("refused", "code_taken"), ("unacceptable", "invalid_payload")])
def test_that_what_is_done_in_one_the_server_refused_waits_with_it(quiet, opened, event, code):
    quiet.claim()
    quiet.desk.outbox.move(opened, event, "refused", Outcome(code=code, error="This code is taken."))
    written = send_message(quiet.context, opened, "And when?")
    pressed = press_transition(quiet.context, opened, "accept")
    quiet.now += 60
    assert quiet.claim() == []
    assert [quiet.desk.outbox.state_of(op_id) for op_id in (written, pressed)] == ["blocked", "blocked"]
    again = retry(quiet.context, opened)
    assert [op.operation.booking_id or op.op_id for op in quiet.ops()] == [again, again, again]
    quiet.now += 60
    assert [op.kind for op in quiet.claim()] == ["booking.create"]


def test_that_one_the_server_refused_is_asked_for_again_as_another_booking(quiet, opened):
    quiet.claim()
    quiet.desk.outbox.move(opened, "refused", "refused", Outcome(code="code_taken", error="This code is taken."))
    renamed = []
    quiet.context.changes.listen(renamed=lambda *ids: renamed.append(ids))
    again = retry(quiet.context, opened)
    assert renamed == [(opened, again)], "whoever looks at it has to look at the other one now"
    assert list(quiet.desk.reader.new_bookings()) == [again]
    send_message(quiet.context, again, "And when?")
    assert lines(quiet, again) == ["Where shall we meet?", "And when?"]
    assert [op.lane for op in quiet.ops()] == [again, again]
    quiet.claim()
    quiet.desk.outbox.move(again, "refused", "refused", Outcome(code="code_taken"))
    third = edit_queued(quiet.context, again, "Where then?")
    assert lines(quiet, third) == ["Where then?", "And when?"]
    assert msgspec.structs.asdict(quiet.ops()[0].payload)["customer_name"] == "Layla"


def test_that_all_done_in_a_refused_booking_goes_with_it_when_it_is_asked_for_again(quiet, opened):
    first = send_message(quiet.context, opened, "I wait at the gate")
    send_message(quiet.context, opened, "Gate 4", reply_to=first)
    edit_message(quiet.context, opened, first, "I wait at the north gate")
    press_transition(quiet.context, opened, "accept")
    quiet.now += 60
    quiet.claim()
    quiet.desk.outbox.move(opened, "refused", "refused", Outcome(code="code_taken"))
    send_message(quiet.context, opened, "Written after the refusal")
    save_draft(quiet.context, opened, "and bring")
    again = retry(quiet.context, opened)
    assert {op.lane for op in quiet.ops()} == {again}
    said = ["Where shall we meet?", "I wait at the north gate", "Gate 4", "Written after the refusal"]
    assert lines(quiet, again) == said
    assert (draft(quiet.context, again), draft(quiet.context, opened)) == ("and bring", "")
    sent = []
    while ready := quiet.claim():
        [op] = ready
        sent.append(op)
        quiet.desk.outbox.move(op.op_id, "applied", "applied", Outcome(epoch="e", seq=len(sent)))
    assert [op.kind for op in sent] == ["booking.create"] + ["message.send"] * 2 + [
        "message.edit",
        "booking.transition",
        "message.send",
    ]
    assert {op.operation.booking_id for op in sent[1:]} == {again}
    assert sent[2].payload.reply_to == sent[3].payload.message_id == sent[1].op_id


def test_that_what_was_done_in_one_that_a_restored_server_refuses_waits_with_it(quiet, opened):
    quiet.claim()
    quiet.desk.outbox.move(opened, "applied", "applied", Outcome(epoch="e", seq=1))
    quiet.feed("bookings", booking_row(opened, "pending", 1))
    written = send_message(quiet.context, opened, "And when?")
    quiet.desk.outbox.move(opened, "restored", "another epoch")
    assert [op.op_id for op in quiet.claim()] == [opened]
    quiet.desk.outbox.move(opened, "refused", "refused", Outcome(code="code_taken"))
    assert quiet.desk.outbox.state_of(written) == "blocked"
    again = retry(quiet.context, opened)
    assert [(op.lane, op.state) for op in quiet.ops()] == [(again, "queued"), (again, "queued")]


def test_that_with_a_booking_given_up_goes_all_that_was_done_in_it_and_its_text_comes_back(quiet, opened):
    first = send_message(quiet.context, opened, "I wait at the gate")
    edit_message(quiet.context, opened, first, "I wait at the north gate")
    press_transition(quiet.context, opened, "accept")
    elsewhere = create_booking(quiet.context, CreateBooking("protection", message="Of another booking"))
    quiet.now += 60
    assert [op.op_id for op in quiet.claim()] == [opened, elsewhere]
    refused("on_its_way", discard, quiet.context, opened)
    quiet.desk.outbox.move(opened, "refused", "refused", Outcome(code="code_taken"))
    said = "Where shall we meet?\nI wait at the gate\nI wait at the north gate"
    assert discard(quiet.context, opened) == said
    assert [op.op_id for op in quiet.ops()] == [elsewhere]
    assert list(quiet.desk.reader.new_bookings()) == [elsewhere]
    save_draft(quiet.context, opened, "Typed on its page, still open")
    refused("booking_not_found", send_message, quiet.context, opened, "Typed on its page, still open")
    assert draft(quiet.context, opened) == "Typed on its page, still open"


def test_that_what_an_earlier_version_sent_into_a_refused_booking_is_waited_for(quiet, opened):
    quiet.claim()
    quiet.desk.outbox.move(opened, "refused", "refused", Outcome(code="code_taken"))
    late = send_message(quiet.context, opened, "Written after the refusal")
    quiet.desk.outbox._connection.execute("UPDATE outbox SET state='queued', depends_on=NULL WHERE op_id=?", (late,))
    quiet.claim()
    refused("on_its_way", retry, quiet.context, opened)
    quiet.desk.outbox.move(late, "refused", "refused", Outcome(code="booking_not_found"))
    again = retry(quiet.context, opened)
    assert {op.lane for op in quiet.ops()} == {again}


def test_that_lines_wait_for_a_refused_booking_whose_first_line_is_mended(quiet, opened):
    send_message(quiet.context, opened, "And when?", reply_to=derived_id(opened, "message"))
    quiet.claim()
    quiet.desk.outbox.move(opened, "refused", "refused", Outcome(code="text_too_long"))
    assert quiet.claim() == []
    again = edit_queued(quiet.context, opened, "Where?")
    assert lines(quiet, again) == ["Where?", "And when?"]
    assert quiet.ops()[-1].payload.reply_to == derived_id(again, "message")


def test_that_a_press_which_waits_for_a_decision_waits_in_the_booking_asked_for_again_too(quiet, opened):
    accept = press_transition(quiet.context, opened, "accept")
    press_transition(quiet.context, opened, "deploy")
    discard(quiet.context, accept)
    quiet.claim()
    quiet.desk.outbox.move(opened, "refused", "refused", Outcome(code="code_taken"))
    retry(quiet.context, opened)
    quiet.now += 60
    assert [(op.kind, op.state) for op in quiet.ops()] == [("booking.create", "queued"), ("booking.transition", "held")]


def test_that_its_first_line_can_be_taken_back_and_the_booking_stays(quiet, opened):
    send_message(quiet.context, opened, "At once, please")
    assert discard_line(quiet.context, opened) == "Where shall we meet?"
    assert lines(quiet, opened) == ["At once, please"]
    [sent] = quiet.claim()
    assert (sent.op_id, sent.payload.message, sent.payload.customer_name) == (opened, None, "Layla")
    refused("on_its_way", discard_line, quiet.context, opened)


def test_that_taking_back_the_first_line_of_a_refused_booking_sends_nothing_before_a_yes(quiet, opened):
    quiet.claim()
    quiet.desk.outbox.move(opened, "refused", "refused", Outcome(code="text_too_long"))
    send_message(quiet.context, opened, "At once, please")
    discard_line(quiet.context, opened)
    [again, line] = quiet.ops()
    assert ([again.state, line.state], again.payload.message) == (["held", "blocked"], None)
    assert quiet.claim() == []
    assert retry(quiet.context, again.op_id) == again.op_id
    assert [op.op_id for op in quiet.claim()] == [again.op_id]
