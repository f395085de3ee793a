"""What the card says: who was quicker and from what, what was written after the press, and what the customer has."""

import pytest

from contract.operations import SendMessage
from desktop.state.overtaken import Sight
from desktop.store.outbox_moves import Outcome
from tests.desktop.store.test_cache_reader import feed
from tests.support.desk_builders import (
    ANN,
    BEN,
    CUSTOMER,
    booking_row,
    line,
    message_row,
    moment,
    operation,
    press,
    receipt_row,
    step_row,
    workflow,
)

STEP = "00000000-0000-7000-8000-0000000000d1"


@pytest.fixture(autouse=True)
def _workflow_known(profile):
    profile.reader.workflows["protection"] = workflow()


def overtaken(profile, op):
    profile.outbox.move(op.op_id, "overtaken", "the booking is cancelled", Outcome(code="stale"))


def cancelled(profile, by=BEN.user_id, **marks):
    step = step_row("a", 3, "cancelled", op_id=STEP, actor_id=by, reason="customer called", at=moment(90))
    posted = message_row("a", "Cancelled: customer called", "system", position=7, kind="system", op_id=STEP)
    feed(profile, ("bookings", booking_row("a", "cancelled", 3)), ("status_history", step), ("messages", posted))
    if marks:
        feed(profile, ("receipts", receipt_row("a", CUSTOMER, "customer", **marks) | {"read_at": moment(95)}))


def card_of(profile):
    [card] = profile.reader.detail("a", ANN).conflicts
    return card


def test_that_both_sides_are_told_from_what_to_what_and_why(profile):
    op = profile.outbox.add(press("a", "decline", reason="no team"), "a")
    cancelled(profile)
    overtaken(profile, op)
    card = card_of(profile)
    assert (card.saw_status, card.to_status, card.said) == ("pending", "declined", ("no team",))
    assert (card.stood_status, card.stands_status, card.their_reason) == ("pending", "cancelled", "customer called")
    assert (card.their_text, card.takes_text, card.may_have_arrived) == ("Cancelled: customer called", False, False)


@pytest.mark.parametrize(
    ("marks", "sight"),
    [
        ({}, Sight("unknown")),
        ({"delivered": 6, "read": 6}, Sight("not_yet")),
        ({"delivered": 7, "read": 6}, Sight("delivered")),
        ({"delivered": 7, "read": 7}, Sight("read", moment(95))),
    ],
)
def test_that_the_customers_marks_say_what_they_have_of_it(profile, marks, sight):
    op = profile.outbox.add(press("a", "accept"), "a")
    cancelled(profile, **marks)
    feed(profile, ("receipts", receipt_row("a", BEN.user_id, "staff", 99, 99)))
    overtaken(profile, op)
    assert card_of(profile).sight == sight


def test_that_the_customers_own_step_needs_no_mark(profile):
    op = profile.outbox.add(press("a", "accept"), "a")
    cancelled(profile, CUSTOMER)
    overtaken(profile, op)
    assert card_of(profile).sight == Sight("theirs")


def test_that_a_step_whose_line_is_not_held_is_not_known_to_be_seen(profile):
    op = profile.outbox.add(press("a", "accept"), "a")
    feed(profile, ("bookings", booking_row("a", "cancelled", 3)), ("status_history", step_row("a", 3, "cancelled")))
    feed(profile, ("receipts", receipt_row("a", CUSTOMER, "customer", 99, 99)))
    overtaken(profile, op)
    assert card_of(profile).sight == Sight("unknown")


def test_that_a_verdict_older_than_the_history_held_no_longer_says_what_stands(profile):
    op = profile.outbox.add(press("a", "accept"), "a")
    profile.lanes.claim(ANN.user_id)
    stood = {"status": "accepted", "version": 2, "by": BEN.user_id, "by_name": "Ben", "op_id": "x", "at": moment(60)}
    profile.outbox.move(op.op_id, "refused", "stale", Outcome(code="stale", error="Changed.", current=stood))
    cancelled(profile)
    assert (card_of(profile).stands_status, card_of(profile).stands_at) == ("cancelled", moment(90))


def test_that_lines_to_the_customer_written_before_it_was_known_are_listed_as_they_stand(profile):
    profile.outbox.add(line("a", "Before"), "a")
    op = profile.outbox.add(press("a", "accept"), "a")
    sent = profile.outbox.add(line("a", "Sent"), "a")
    tried = profile.outbox.add(line("a", "Tried"), "a")
    profile.outbox.add(operation("a", SendMessage("To colleagues", "note")), "a")
    refused = profile.outbox.add(line("a", "Refused"), "a")
    profile.outbox.add(line("a", "Waits"), "a")
    given_up = profile.outbox.add(line("a", "Given up"), "a")
    overtaken(profile, op)
    profile.outbox.add(line("a", "Known by now"), "a")
    profile.outbox.move(given_up.op_id, "discarded", "by hand")
    for ended, event in ((sent, "applied"), (tried, "not_taken"), (refused, "refused")):
        profile.outbox.move(ended.op_id, "claimed", "sender")
        profile.outbox.move(ended.op_id, event, "", Outcome(epoch="e", seq=1))
    profile.outbox._connection.execute("UPDATE outbox SET attempts = 1 WHERE op_id = ?", (tried.op_id,))
    cancelled(profile, delivered=8, read=7)
    feed(profile, ("messages", message_row("a", "Sent", "operator", id=sent.op_id, position=8)))
    assert [(text.text, text.standing, text.sight.seen) for text in card_of(profile).texts] == [
        ("Sent", "sent", "delivered"),
        ("Tried", "on_its_way", "unknown"),
        ("Refused", "refused", "unknown"),
        ("Waits", "waiting", "unknown"),
    ]


def test_that_presses_made_on_the_strength_of_it_are_named_and_come_into_question_with_its_end(profile):
    op = profile.outbox.add(press("a", "accept"), "a")
    profile.outbox.add(press("a", "deploy", "accepted"), "a")
    profile.outbox.add(press("a", "arrive", "deployed"), "a")
    cancelled(profile)
    overtaken(profile, op)
    assert card_of(profile).behind == ("deploy", "arrive")
    profile.outbox.settle("a", [(op.op_id, "dismissed")], ())
    assert [card.transition for card in profile.reader.detail("a", ANN).conflicts] == ["deploy"]
    assert card_of(profile).behind == ("arrive",)
