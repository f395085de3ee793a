"""Presses that the world overtook are found before they are sent, and only those."""

import pytest

from desktop.sync.rebase import overtaken
from tests.support.desk_builders import line, pending, press, workflow


def judged(status, *ops, role="operator"):
    return overtaken(status, ops, workflow(), role)


@pytest.mark.parametrize(
    ("stands", "transition", "seen", "is_overtaken"),
    [
        ("pending", "accept", "pending", False),
        ("accepted", "accept", "pending", False),
        ("declined", "accept", "pending", True),
        ("cancelled", "accept", "pending", True),
        ("accepted", "cancel", "pending", True),
        ("accepted", "cancel", "accepted", False),
        ("deployed", "deploy", "accepted", False),
        ("accepted", "cancel", None, False),
        ("completed", "cancel", None, True),
        ("pending", "fly", "pending", True),
    ],
)
def test_that_a_press_stands_exactly_as_long_as_what_it_was_made_on(stands, transition, seen, is_overtaken):
    op = pending(press("b", transition, seen, reason="full"))
    assert judged(stands, op) == ([op.op_id] if is_overtaken else [])


def test_that_presses_that_lead_on_from_each_other_stand_together():
    ops = [pending(press("b", "accept")), pending(line("b")), pending(press("b", "deploy", "accepted"))]
    assert judged("pending", *ops) == []
    assert judged("accepted", *ops) == []
    assert judged("declined", *ops) == [ops[0].op_id, ops[2].op_id]


@pytest.mark.parametrize(("state", "attempts"), [("sending", 1), ("queued", 1), ("sent", 1)])
def test_that_what_may_have_been_applied_is_left_to_the_server(state, attempts):
    op = pending(press("b", "accept"), state, attempts=attempts)
    assert judged("declined", op) == []


def test_that_what_follows_something_on_the_wire_is_judged_after_it():
    first = pending(press("b", "accept"), "sending", attempts=1)
    second = pending(press("b", "deploy", "accepted"))
    assert judged("pending", first, second) == []


def test_that_a_held_press_is_judged_too():
    op = pending(press("b", "accept"), "held")
    assert judged("declined", op) == [op.op_id]


def test_that_a_press_the_person_may_no_longer_make_needs_a_look():
    op = pending(press("b", "accept"))
    assert judged("pending", op, role="technician") == [op.op_id]


def test_that_a_line_is_never_overtaken():
    assert judged("declined", pending(line("b"))) == []
