"""What is decided of an overtaken press and of the text behind it: one commit each, nothing lost between two."""

import shutil
from dataclasses import replace

import pytest

from contract.operations import EditMessage, read_payload
from desktop.config import DesktopConfig
from desktop.intents.apply_anyway import apply_anyway
from desktop.intents.decide import decide
from desktop.intents.dismiss_conflict import dismiss_conflict
from desktop.intents.press_transition import press_transition
from desktop.intents.send_message import send_message
from desktop.state.changes import Changes
from desktop.state.lines import Me
from desktop.state.overtaken import Choice
from desktop.store.outbox_moves import Outcome
from desktop.sync.desk import build_desk
from tests.desktop.intents.conftest import BOOKING
from tests.desktop.intents.test_messages import refused
from tests.support.desk_builders import ANN, booking_row, operation

OTHER = BOOKING.replace("b1", "b2")


def overtaken(quiet, texts=("Team on the way",), status="cancelled", booking=BOOKING):
    """A press, lines written after it, and a world that went another way; the press and the lines."""
    pressed = press_transition(quiet.context, booking, "accept")
    lines = [send_message(quiet.context, booking, text) for text in texts]
    quiet.feed("bookings", booking_row(booking, status, 2))
    quiet.desk.outbox.move(pressed, "overtaken", status, Outcome(code="stale"))
    return pressed, lines


def refuse(quiet, line):
    quiet.desk.outbox.move(line, "claimed", "sender")
    quiet.desk.outbox.move(line, "refused", "booking_closed", Outcome(code="booking_closed", error="Closed."))


def left(quiet):
    """Kind, text or transition, state: in the order of going out."""
    return [
        (op.kind, getattr(op.payload, "kind", ""), getattr(op.payload, "text", "") or op.payload.transition, op.state)
        for op in quiet.ops()
    ]


@pytest.mark.parametrize(
    ("fate", "then"),
    [
        ("note", [("message.send", "note", "Team on the way", "queued"), ("message.send", "note", "Soon", "queued")]),
        ("discard", []),
        (
            "leave",
            [("message.send", "text", "Team on the way", "rejected"), ("message.send", "text", "Soon", "queued")],
        ),
    ],
)
def test_that_text_behind_a_press_given_up_becomes_what_was_decided(quiet, fate, then):
    pressed, lines = overtaken(quiet, ("Team on the way", "Soon"))
    refuse(quiet, lines[0])
    dismiss_conflict(quiet.context, pressed, fate)
    assert left(quiet) == then


def test_that_text_goes_to_the_customer_where_the_booking_takes_it(quiet):
    pressed, [refused_line, waiting] = overtaken(quiet, ("Refused once", "Waits"), "accepted")
    refuse(quiet, refused_line)
    dismiss_conflict(quiet.context, pressed, "send")
    assert [op[2] for op in left(quiet)] == ["Waits", "Refused once"]
    assert quiet.ops()[0].op_id == waiting
    assert quiet.ops()[1].op_id != refused_line


def test_that_text_is_not_promised_to_a_customer_who_cannot_get_it(quiet):
    pressed, _ = overtaken(quiet)
    refused("booking_closed", dismiss_conflict, quiet.context, pressed, "send")
    quiet.desk.session.me = Me(ANN.user_id, "Ann", "customer", "")
    refused("forbidden", dismiss_conflict, quiet.context, pressed, "note")
    assert [op.state for op in quiet.ops()] == ["needs_decision", "queued"]


def test_that_a_step_instead_and_the_text_behind_it_go_out_in_an_order_that_arrives(quiet):
    pressed, [line] = overtaken(quiet, status="accepted")
    refuse(quiet, line)
    apply_anyway(quiet.context, pressed, "deploy", texts="send")
    assert [op[2:] for op in left(quiet)] == [("Team on the way", "queued"), ("deploy", "queued")]


def test_that_what_is_on_its_way_is_left_alone(quiet):
    pressed, [line] = overtaken(quiet)
    quiet.desk.outbox.move(line, "claimed", "sender")
    dismiss_conflict(quiet.context, pressed, "discard")
    assert left(quiet) == [("message.send", "text", "Team on the way", "sending")]


def test_that_a_note_carries_the_text_as_it_was_changed_since(quiet):
    pressed, [line] = overtaken(quiet)
    quiet.desk.outbox.add(operation(BOOKING, EditMessage(line, "Team 4 on the way"), "message.edit"), BOOKING)
    refuse(quiet, line)
    dismiss_conflict(quiet.context, pressed, "note")
    assert left(quiet) == [("message.send", "note", "Team 4 on the way", "queued")]


def test_that_a_decision_is_on_disk_whole_or_not_at_all(quiet):
    pressed, [line] = overtaken(quiet)
    before = [(op.op_id, op.state) for op in quiet.ops()]
    taken = replace(quiet.context, make_id=lambda: line)
    with pytest.raises(Exception, match="UNIQUE"):
        dismiss_conflict(taken, pressed, "note")
    assert [(op.op_id, op.state) for op in quiet.ops()] == before


def test_that_a_kill_between_two_decisions_loses_neither(quiet, tmp_path):
    quiet.feed("bookings", booking_row(OTHER))
    first, _ = overtaken(quiet)
    second, _ = overtaken(quiet, booking=OTHER)
    decide(quiet.context, first, Choice("keep", "note"), {})
    found = tmp_path.parent / f"{tmp_path.name}-after-the-kill"
    shutil.copytree(tmp_path, found)
    desk = build_desk(DesktopConfig(profile_dir=found), Changes(), quiet.desk.parts.clock)
    try:
        desk.outbox.author_id = ANN.user_id
        states = {op.op_id: op.state for op in desk.outbox.unfinished()}
        texts = [read_payload(op.operation).kind for op in desk.outbox.unfinished() if op.kind == "message.send"]
        assert (states.get(first), states[second]) == (None, "needs_decision")
        assert sorted(texts) == ["note", "text"]
    finally:
        desk.close()


def test_that_asking_first_decides_nothing(quiet):
    pressed, _ = overtaken(quiet)
    decide(quiet.context, pressed, Choice("ask"), {})
    assert [op.state for op in quiet.ops()] == ["needs_decision", "queued"]
