"""What the screens get: cache and outbox together, in the order and with the words the operator works by."""

import asyncio

import pytest

from contract.delivery import Delivery
from contract.operations import Assign, CreateBooking
from desktop.state.lines import Me
from desktop.store.outbox_moves import Outcome
from tests.support.desk_builders import (
    ANN,
    BEN,
    CUSTOMER,
    booking_row,
    fresh_profile,
    item,
    line,
    message_row,
    moment,
    operation,
    press,
    receipt_row,
    step_row,
    workflow,
)

TECHNICIAN = Me("00000000-0000-7000-8000-0000000000d1", "Tariq", "technician", "t@desk.test")


@pytest.fixture
def profile(tmp_path):
    opened = fresh_profile(tmp_path, clock=lambda: 1_000.0)
    write(opened, lambda cache: cache.own(ANN.user_id, "staff"))
    write(opened, lambda cache: cache.put_workflows({"protection": workflow()}))
    opened.reader.read_workflows()
    yield opened
    opened.close()


def write(profile, job):
    return asyncio.run(profile.worker.run(job))


def feed(profile, *rows):
    seq = profile.reader.position().feed.seq + 1
    write(profile, lambda cache: cache.apply([item(seq, table, row) for table, row in rows], seq))


def listed(profile, view="all", text=""):
    numbers = profile.reader.order(view, text, ANN)
    return [each.id for each in profile.reader.booking_lines(numbers, ANN)]


def test_that_the_longest_waiting_comes_first_then_the_newest_activity(profile):
    for name, second in (("quiet-old", 10), ("quiet-new", 900), ("waits-long", 20), ("waits-short", 500)):
        feed(profile, ("bookings", booking_row(name, updated_at=moment(second))))
    feed(profile, ("messages", message_row("waits-short", "?", created_at=moment(600))))
    feed(profile, ("messages", message_row("waits-long", "?", created_at=moment(100))))
    feed(profile, ("messages", message_row("waits-long", "??", created_at=moment(800))))
    assert listed(profile) == ["waits-long", "waits-short", "quiet-new", "quiet-old"]
    assert listed(profile, "needs_answer") == ["waits-long", "waits-short"]
    assert profile.reader.order("all", "", ANN) == asyncio.run(profile.worker.order("all", "", ANN))


def test_that_each_view_holds_what_its_name_says_and_its_count_is_that(profile):
    feed(
        profile,
        ("bookings", booking_row("mine", assignee_id=ANN.user_id)),
        ("bookings", booking_row("bens", "accepted", assignee_id=BEN.user_id)),
        ("bookings", booking_row("free")),
        ("bookings", booking_row("done", "completed")),
    )
    assert listed(profile, "mine") == ["mine"]
    assert listed(profile, "unassigned") == ["free"]
    assert sorted(listed(profile, "status:protection:pending")) == ["free", "mine"]
    assert listed(profile, "no such view") == []
    counts = {view.key: (view.label, view.count) for view in profile.reader.views(ANN)}
    assert counts["status:protection:accepted"] == ("Accepted", 1)
    assert counts["status:protection:declined"] == ("Declined", 0)
    for key, (_, count) in counts.items():
        assert count == len(listed(profile, key)), key
    assert profile.reader.views(ANN) == asyncio.run(profile.worker.views(ANN))


@pytest.mark.parametrize("text", ["omar", "OMAR", "req0000", "corniche", "عمر", " khalid "])
def test_that_the_filter_finds_by_code_name_title_and_place_in_any_case_and_script(profile, text):
    wanted = booking_row(
        "wanted", code="REQ00001234", customer_name="Omar Khalid", title="عمر", place="Corniche Road 4"
    )
    feed(profile, ("bookings", wanted), ("bookings", booking_row("other", code="DEN00001234", customer_name="Huda")))
    assert listed(profile, "all", text) == ["wanted"]


def test_that_a_row_says_what_is_queued_and_where_its_press_leads(profile):
    feed(profile, ("bookings", booking_row("a")), ("messages", message_row("a", "Hello?")))
    profile.outbox.add(press("a", "accept"), "a")
    profile.outbox.add(line("a", "On our\nway"), "a")
    profile.outbox.drafts.save(ANN.user_id, "a", "and")
    [row] = profile.reader.booking_lines(profile.reader.order("all", "", ANN), ANN)
    assert (row.status, row.pending_status, row.queued, row.has_draft) == ("pending", "accepted", 2, True)
    assert (row.last_text, row.last_side, row.last_delivery) == ("On our way", "staff", Delivery.QUEUED)
    assert (row.unread, row.needs_answer) == (1, True)


def test_that_a_row_gone_since_is_left_out_and_the_order_asked_for_is_kept(profile):
    feed(profile, *(("bookings", booking_row(name)) for name in "abc"))
    numbers = [profile.reader.row_number(name) for name in "cab"]
    assert [row.id for row in profile.reader.booking_lines([*numbers, 999], ANN)] == ["c", "a", "b"]


def test_that_reading_here_shows_at_once_before_the_server_knows(profile):
    feed(profile, ("bookings", booking_row("a")))
    for position in (1, 2, 3):
        feed(profile, ("messages", message_row("a", str(position), position=position)))
    assert profile.reader.conversation("a", ANN).unread_from == 1
    profile.outbox.marks.advance(ANN.user_id, "a", 2, profile.reader.position().feed.epoch)
    [row] = profile.reader.booking_lines(profile.reader.order("all", "", ANN), ANN)
    assert row.unread == 1
    assert profile.reader.conversation("a", ANN).unread_from == 3


def test_that_a_conversation_comes_in_pages_oldest_first_unsent_lines_with_the_newest(profile):
    feed(profile, ("bookings", booking_row("a")))
    rows = [message_row("a", f"line {position}", position=position) for position in range(1, 121)]
    feed(profile, *(("messages", row) for row in rows))
    profile.outbox.add(line("a", "unsent"), "a")
    newest = profile.reader.conversation("a", ANN)
    assert [each.text for each in newest.lines] == [*(f"line {number}" for number in range(71, 121)), "unsent"]
    assert newest.more is True
    older = profile.reader.conversation("a", ANN, before=71)
    assert [each.text for each in older.lines] == [f"line {number}" for number in range(21, 71)]
    oldest = profile.reader.conversation("a", ANN, before=21)
    assert (oldest.lines[0].text, len(oldest.lines), oldest.more) == ("line 1", 20, False)


def test_that_the_ticks_climb_with_the_customers_receipts_not_with_our_own(profile):
    feed(profile, ("bookings", booking_row("a")), ("messages", message_row("a", "Hi", "operator", position=5)))

    def ticks():
        [row] = profile.reader.booking_lines(profile.reader.order("all", "", ANN), ANN)
        [shown] = profile.reader.conversation("a", ANN).lines
        assert row.last_delivery == shown.delivery
        return shown.delivery

    assert ticks() is Delivery.SENT
    feed(profile, ("receipts", receipt_row("a", BEN.user_id, "staff", 9, 9)))
    assert ticks() is Delivery.SENT
    feed(profile, ("receipts", receipt_row("a", CUSTOMER, "customer", 5, 0)))
    assert ticks() is Delivery.DELIVERED
    feed(profile, ("receipts", receipt_row("a", CUSTOMER, "customer", 5, 5)))
    assert ticks() is Delivery.READ


def test_that_buttons_follow_the_status_our_presses_lead_to(profile):
    feed(profile, ("bookings", booking_row("a")), ("status_history", step_row("a", 1, "pending")))
    assert profile.reader.detail("a", ANN).buttons == ("accept", "decline", "cancel")
    op = profile.outbox.add(press("a", "accept"), "a", hold_until=1_004.0)
    detail = profile.reader.detail("a", ANN)
    assert detail.buttons == ("deploy", "cancel")
    assert [(each.op_id, each.to_status, each.undo_until) for each in detail.pending] == [
        (op.op_id, "accepted", 1_004.0)
    ]
    assert detail.booking.status == "pending"


def test_that_a_provider_has_buttons_on_their_own_bookings_only(profile):
    profile.reader.workflows["protection"] = workflow("techcare")
    status = workflow("techcare").first_status
    feed(profile, ("bookings", booking_row("other", status)))
    assert profile.reader.detail("other", TECHNICIAN).buttons == ()


def test_that_a_conflict_card_says_who_what_when_and_what_is_possible_now(profile):
    feed(profile, ("bookings", booking_row("a", "accepted", 2)))
    op = profile.outbox.add(press("a", "decline", reason="full"), "a")
    profile.lanes.claim(ANN.user_id)
    stands = {"status": "accepted", "version": 2, "by": BEN.user_id, "by_name": "Ben", "at": moment(61)}
    profile.outbox.move(op.op_id, "refused", "stale", Outcome(code="stale", error="Changed.", current=stands))
    detail = profile.reader.detail("a", ANN)
    [card] = detail.conflicts
    assert (card.op_id, card.transition) == (op.op_id, "decline")
    assert (card.stands_status, card.by_name, card.stands_at) == ("accepted", "Ben", moment(61))
    assert card.legal == ("deploy", "cancel")
    assert detail.pending == ()
    [row] = profile.reader.booking_lines(profile.reader.order("all", "", ANN), ANN)
    assert row.last_delivery is Delivery.CONFLICT


def test_that_a_card_before_sending_takes_its_facts_from_the_history_held(profile):
    feed(
        profile,
        ("bookings", booking_row("a", "cancelled", 3)),
        ("status_history", step_row("a", 3, "cancelled", at=moment(90))),
    )
    op = profile.outbox.add(press("a", "accept"), "a")
    profile.outbox.move(op.op_id, "overtaken", "the booking is cancelled", Outcome(code="stale"))
    [card] = profile.reader.detail("a", ANN).conflicts
    assert (card.stands_status, card.by_name, card.stands_at, card.legal) == ("cancelled", "Ben", moment(90), ())


def test_that_the_outbox_is_told_in_words(profile):
    feed(profile, ("bookings", booking_row("a", code="REQ1759286674249")))
    profile.outbox.add(press("a", "accept"), "a")
    profile.outbox.add(line("a", "On our way"), "a")
    profile.outbox.add(operation("a", Assign(assignee_id=None), "booking.assign"), "a")
    lines = profile.reader.outbox_lines(ANN)
    assert [(each.booking_code, each.kind, each.what, each.state, each.can_edit) for each in lines] == [
        ("REQ1759286674249", "booking.transition", "Accept Booking", "queued", False),
        ("REQ1759286674249", "message.send", "On our way", "queued", True),
        ("REQ1759286674249", "booking.assign", "", "queued", False),
    ]


def test_that_a_refused_line_shows_as_failed_and_may_be_edited(profile):
    op = profile.outbox.add(line("a", "x"), "a")
    profile.lanes.claim(ANN.user_id)
    profile.outbox.move(op.op_id, "refused", "booking_closed", Outcome(code="booking_closed", error="It is closed."))
    [shown] = profile.reader.outbox_lines(ANN)
    assert (shown.state, shown.error, shown.can_edit) == ("failed", "It is closed.", True)


@pytest.mark.parametrize("asked", ["REQ1759286674249", "req1759286674249 ", "00000000-0000-7000-8000-0000000000F1"])
def test_that_a_booking_is_found_by_id_and_by_code(profile, asked):
    booking_id = "00000000-0000-7000-8000-0000000000f1"
    feed(profile, ("bookings", booking_row(booking_id, code="REQ1759286674249")))
    assert profile.reader.find_booking(asked) == booking_id
    assert profile.reader.find_booking("nonsense") is None


def test_that_people_are_those_whose_accounts_are_open(profile):
    person = {"id": "u", "name": "Sami", "role": "agent"}
    feed(profile, ("profiles", person), ("profiles", person | {"id": "v", "disabled_at": moment(1)}))
    assert [each.name for each in profile.reader.people()] == ["Sami"]


def opened_here(profile, **values):
    """A booking that only the outbox knows."""
    asked = CreateBooking("protection", customer_name="Layla", title="Airport run", **values)
    made = operation(None, asked, "booking.create")
    profile.outbox.add(made, made.op_id)
    return made.op_id


def test_that_a_booking_opened_here_stands_in_lists_before_the_server_has_it(profile):
    feed(profile, ("bookings", booking_row("stored")))
    booking_id = opened_here(profile, message="Where shall we meet?")
    assert listed(profile) == [booking_id, "stored"]
    assert listed(profile, "unassigned") == [booking_id, "stored"]
    assert listed(profile, "status:protection:pending", "LAYLA") == [booking_id]
    assert listed(profile, "all", "somebody else") == listed(profile, "mine") == listed(profile, "needs_answer") == []
    counts = {view.key: view.count for view in profile.reader.views(ANN)}
    assert (counts["all"], counts["unassigned"], counts["status:protection:pending"], counts["mine"]) == (2, 2, 2, 0)
    number = profile.reader.row_number(booking_id)
    [row] = profile.reader.booking_lines([number], ANN)
    assert (row.code, row.customer_name, row.last_text) == ("", "Layla", "Where shall we meet?")
    assert (row.last_delivery, row.queued, row.status) == (Delivery.QUEUED, 1, "pending")
    assert profile.reader.find_booking(booking_id.upper()) == booking_id


def test_that_a_stored_booking_without_steps_is_not_taken_for_one_opened_here(profile):
    """A technician is told no steps of a job that is not theirs."""
    feed(profile, ("bookings", booking_row("open-job")))
    detail = profile.reader.detail("open-job", ANN)
    assert (detail.history, detail.only_here) == ((), False)


def test_that_a_booking_opened_here_has_a_page_with_its_first_line_and_buttons(profile):
    booking_id = opened_here(profile, message="Where shall we meet?")
    detail = profile.reader.detail(booking_id, ANN)
    assert detail.only_here
    assert (detail.booking.title, detail.booking.version, detail.history) == ("Airport run", 1, ())
    assert "accept" in detail.buttons
    [said] = profile.reader.conversation(booking_id, ANN).lines
    assert (said.text, said.delivery, said.mine) == ("Where shall we meet?", Delivery.QUEUED, True)
    feed(profile, ("messages", message_row(booking_id, said.text, "operator", id=said.id)))
    assert [line.id for line in profile.reader.conversation(booking_id, ANN).lines] == [said.id]


def test_that_once_it_is_stored_it_stands_there_once_and_when_given_up_no_more(profile):
    stored, given_up = opened_here(profile), opened_here(profile)
    profile.outbox.move(given_up, "discarded", "by hand")
    assert listed(profile) == [stored]
    feed(profile, ("bookings", booking_row(stored, code="REQ2000000000001")))
    assert listed(profile) == [stored]
    assert profile.reader.row_number(stored) > 0
    assert {view.key: view.count for view in profile.reader.views(ANN)}["all"] == 1
    assert profile.reader.booking(stored).code == "REQ2000000000001"


def test_that_what_somebody_else_opened_on_this_computer_is_not_shown(profile):
    opened_here(profile)
    profile.outbox.author_id = BEN.user_id
    assert listed(profile) == []
