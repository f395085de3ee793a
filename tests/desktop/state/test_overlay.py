"""What a conversation shows when the outbox has something to add to what is stored."""

import msgspec
import pytest

from contract.delivery import Delivery
from contract.operations import EditMessage, RemoveMessage
from contract.rows import Message
from desktop.state.overlay import overlaid, side_of_message, stored_line
from tests.support.desk_builders import ANN, line, message_row, operation, pending


def stored(text="Hello", sender="operator", delivered=0, read=0, **values):
    row = message_row("b", text, sender, **values)
    return stored_line(msgspec.convert(row, Message), ANN, delivered, read)


def test_that_an_unsent_line_comes_after_what_is_stored_with_its_glyph():
    written = pending(line("b", "On our way"), "sending", attempts=2)
    shown = overlaid([stored("Hi", "client")], [written], ANN)
    assert [(each.text, each.position is None, each.delivery) for each in shown] == [
        ("Hi", False, None),
        ("On our way", True, Delivery.SENDING),
    ]
    assert (shown[1].id, shown[1].mine, shown[1].attempts) == (written.op_id, True, 2)


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "failed", "needs_decision"])
def test_that_a_line_that_is_stored_is_never_shown_twice(state):
    written = line("b", "On our way")
    there = stored("On our way", id=written.op_id)
    shown = overlaid([there], [pending(written, state)], ANN)
    assert [each.delivery for each in shown] == [Delivery.SENT]


def test_that_the_ticks_of_our_side_climb_with_the_other_sides_marks():
    assert stored(position=5, delivered=4).delivery is Delivery.SENT
    assert stored(position=5, delivered=5).delivery is Delivery.DELIVERED
    assert stored(position=5, delivered=5, read=5).delivery is Delivery.READ
    assert stored(sender="client", position=5, read=5).delivery is None


def test_that_a_note_shows_no_more_than_sent_for_no_one_else_gets_it():
    assert stored(kind="note", position=5, delivered=9, read=9).delivery is Delivery.SENT


def test_that_an_edit_on_its_way_shows_as_made_with_its_own_glyph():
    there = stored("Helo")
    shown = overlaid([there], [pending(operation("b", EditMessage(there.id, "Hello"), "message.edit"))], ANN)
    assert [(each.text, each.edited, each.delivery) for each in shown] == [("Hello", True, Delivery.QUEUED)]


def test_that_an_edit_that_was_refused_leaves_the_line_as_it_is():
    there = stored("Helo")
    change = pending(
        operation("b", EditMessage(there.id, "Hello"), "message.edit"), "rejected", code="too_late_to_edit"
    )
    assert overlaid([there], [change], ANN) == (there,)


def test_that_a_removal_on_its_way_shows_the_tombstone():
    there = stored("Oops")
    shown = overlaid([there], [pending(operation("b", RemoveMessage(there.id), "message.remove"))], ANN)
    assert [(each.text, each.removed) for each in shown] == [("", True)]


@pytest.mark.parametrize(
    ("sender_type", "role", "kind", "side"),
    [
        ("client", "customer", "text", "customer"),
        ("operator", "operator", "text", "staff"),
        ("operator", "technician", "text", "staff"),
        ("operator", "chatbot", "text", "bot"),
        ("system", "operator", "text", "system"),
        ("operator", "operator", "system", "system"),
        ("operator", "operator", "event", "system"),
    ],
)
def test_that_each_line_stands_on_its_senders_side(sender_type, role, kind, side):
    assert side_of_message(sender_type, role, kind) == side
