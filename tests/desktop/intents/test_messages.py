"""Writing, changing, taking back: on disk at the click, told, and refused in the server's own words."""

import pytest

from contract.delivery import Delivery
from contract.operations import MAX_TEXT
from desktop.intents.context import IntentRefused
from desktop.intents.discard import discard
from desktop.intents.edit_message import edit_message
from desktop.intents.edit_queued import edit_queued
from desktop.intents.mark_read import mark_read
from desktop.intents.remove_message import remove_message
from desktop.intents.retry import retry
from desktop.intents.save_draft import draft, save_draft
from desktop.intents.send_message import send_message
from desktop.store.outbox_moves import Outcome
from tests.desktop.intents.conftest import BOOKING
from tests.support.desk_builders import ANN, booking_row, message_row


def shown(quiet):
    return [(line.text, line.delivery) for line in quiet.desk.reader.conversation(BOOKING, ANN).lines]


def refused(code, call, *arguments, **values):
    with pytest.raises(IntentRefused) as caught:
        call(*arguments, **values)
    assert caught.value.code == code
    assert caught.value.message.endswith((".", "…"))


def test_that_a_line_is_on_disk_shown_and_told_when_the_intent_returns(quiet):
    save_draft(quiet.context, BOOKING, "Hello")
    op_id = send_message(quiet.context, BOOKING, "Hello")
    assert shown(quiet) == [("Hello", Delivery.QUEUED)]
    assert [op.op_id for op in quiet.ops()] == [op_id]
    assert draft(quiet.context, BOOKING) == ""
    assert quiet.told == ["outbox", BOOKING]


@pytest.mark.parametrize(("text", "code"), [("  \n ", "text_empty"), ("x" * (MAX_TEXT + 1), "text_too_long")])
def test_that_a_text_the_server_would_refuse_never_gets_into_the_outbox(quiet, text, code):
    refused(code, send_message, quiet.context, BOOKING, text)
    assert quiet.ops() == []


def test_that_a_closed_booking_takes_no_line(quiet):
    quiet.feed("bookings", booking_row(BOOKING, "completed", 2))
    refused("booking_closed", send_message, quiet.context, BOOKING, "Hello")


def test_that_nobody_writes_without_being_signed_in(quiet):
    quiet.desk.session.me = None
    refused("unauthorized", send_message, quiet.context, BOOKING, "Hello")


def test_that_a_queued_line_is_edited_in_place(quiet):
    op_id = send_message(quiet.context, BOOKING, "Helo")
    assert edit_queued(quiet.context, op_id, "Hello") == op_id
    assert shown(quiet) == [("Hello", Delivery.QUEUED)]


def test_that_a_line_that_may_have_arrived_is_not_edited_as_if_it_had_not(quiet):
    op_id = send_message(quiet.context, BOOKING, "Helo")
    quiet.claim()
    refused("on_its_way", edit_queued, quiet.context, op_id, "Hello")
    quiet.desk.outbox.move(op_id, "not_taken", "unreachable")
    refused("on_its_way", edit_queued, quiet.context, op_id, "Hello")


@pytest.mark.parametrize("event", ["unacceptable", "refused"])
def test_that_a_refused_line_goes_again_under_a_new_id_when_edited(quiet, event):
    old = send_message(quiet.context, BOOKING, "Helo")
    quiet.claim()
    quiet.desk.outbox.move(old, event, "forbidden", Outcome(code="forbidden", error="No."))
    assert shown(quiet) == [("Helo", Delivery.FAILED)]
    new = edit_queued(quiet.context, old, "Hello")
    assert new != old
    assert shown(quiet) == [("Hello", Delivery.QUEUED)]


def test_that_retry_keeps_the_id_of_what_no_server_has_judged(quiet):
    op_id = send_message(quiet.context, BOOKING, "Hello")
    quiet.claim()
    quiet.desk.outbox.move(op_id, "unacceptable", "forbidden")
    assert retry(quiet.context, op_id) == op_id
    assert [op.op_id for op in quiet.claim()] == [op_id]
    refused("on_its_way", retry, quiet.context, op_id)


def test_that_retry_of_a_verdict_is_a_new_intent_for_the_old_one_stands(quiet):
    op_id = send_message(quiet.context, BOOKING, "Hello")
    quiet.claim()
    quiet.desk.outbox.move(op_id, "refused", "booking_closed", Outcome(code="booking_closed"))
    new = retry(quiet.context, op_id)
    assert new != op_id
    assert [op.op_id for op in quiet.ops()] == [new]


def test_that_retry_ends_a_waiting_time(quiet):
    op_id = send_message(quiet.context, BOOKING, "Hello")
    quiet.claim()
    quiet.desk.outbox.move(op_id, "not_taken", "busy", Outcome(not_before=quiet.now + 60))
    assert quiet.claim() == []
    retry(quiet.context, op_id)
    assert [op.op_id for op in quiet.claim()] == [op_id]


def test_that_discarding_gives_the_text_back_and_leaves_a_trail(quiet):
    op_id = send_message(quiet.context, BOOKING, "Hello")
    assert discard(quiet.context, op_id) == "Hello"
    assert shown(quiet) == []
    assert quiet.desk.outbox.trail(op_id)[-1][2:] == ("discarded", "by hand")
    refused("not_queued", discard, quiet.context, op_id)


def test_that_what_is_on_the_wire_cannot_be_discarded(quiet):
    op_id = send_message(quiet.context, BOOKING, "Hello")
    quiet.claim()
    refused("on_its_way", discard, quiet.context, op_id)


def test_that_an_edit_and_a_removal_show_at_once(quiet):
    row = message_row(BOOKING, "Helo", "operator", position=1)
    quiet.feed("messages", row)
    edit_message(quiet.context, BOOKING, row["id"], "Hello")
    assert shown(quiet) == [("Hello", Delivery.QUEUED)]
    remove_message(quiet.context, BOOKING, row["id"])
    assert quiet.desk.reader.conversation(BOOKING, ANN).lines[0].removed
    refused("text_empty", edit_message, quiet.context, BOOKING, row["id"], " ")


def test_that_drafts_are_kept_by_kind_and_told_when_they_begin_and_end(quiet):
    heard = []
    quiet.changes.listen(bookings=heard.append)
    save_draft(quiet.context, BOOKING, "H")
    save_draft(quiet.context, BOOKING, "He")
    save_draft(quiet.context, BOOKING, "VIP", "note")
    save_draft(quiet.context, BOOKING, "")
    assert len(heard) == 3
    assert (draft(quiet.context, BOOKING), draft(quiet.context, BOOKING, "note")) == ("", "VIP")


def test_that_a_read_mark_only_rises(quiet):
    assert mark_read(quiet.context, BOOKING, 5) is True
    assert mark_read(quiet.context, BOOKING, 5) is False
    assert mark_read(quiet.context, BOOKING, 3) is False
    assert quiet.desk.outbox.marks.unconfirmed(ANN.user_id, quiet.desk.feed.position.epoch) == {BOOKING: 5}
