"""The facts pane by keys: what is under the keyboard may go, the keyboard stays."""

from dataclasses import replace

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from contract.operations import CreateBooking
from desktop.windows.console_window import ConsoleWindow
from tests.support.hands import Hands
from tests.support.paper_desk import PaperDesk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)", extend=True)


def test_that_the_keyboard_stays_with_the_facts_when_the_button_under_it_goes(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    console.open_booking("b-249")
    facts = console.panes.facts
    facts.buttons.shown[-1].setFocus()
    number = desk.row_number("b-249")
    assert number is not None
    desk.lines[number] = replace(desk.lines[number], status="completed")
    console.facts_side.refresh()
    assert facts.buttons.shown == []
    assert console.focusWidget() is facts
    hands.press(Qt.Key.Key_Tab)
    assert facts.isAncestorOf(hands.focus)


def test_that_a_second_key_or_click_never_presses_the_button_that_took_the_firsts_place(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, qtbot: QtBot
) -> None:
    console.open_booking("b-249")
    facts = console.panes.facts
    first = facts.buttons.shown[0]
    first.setFocus()
    was = first.face.transition
    hands.press(Qt.Key.Key_Space)
    assert facts.buttons.shown[0].face.transition != was
    assert console.focusWidget() is facts
    assert facts.preview._head.text() == "Rest on a button to read what it will post."
    hands.press(Qt.Key.Key_Space)
    for half in (qtbot.mouseDClick, qtbot.mouseRelease):
        half(facts.buttons.shown[0], Qt.MouseButton.LeftButton)
    assert [entry[2] for entry in desk.asked if entry[0] == "press"] == [was]


def test_that_only_a_booking_which_is_only_here_says_so_in_place_of_its_history(
    desk: PaperDesk, console: ConsoleWindow
) -> None:
    history = console.panes.facts._history
    stored = next(line.id for line in desk.lines if line.id != "b-249")
    console.open_booking(stored)
    assert history.accessibleDescription() == "", "the server told no steps of it, which is all that can be said"
    opened = desk.create_booking(CreateBooking("protection", customer_name="Layla"))
    console.open_booking(opened)
    assert history.accessibleDescription().startswith("Opened here, not at the server yet")


def test_that_a_step_by_an_unknown_hand_says_when_it_was_and_names_nobody(
    desk: PaperDesk, console: ConsoleWindow
) -> None:
    detail = desk.detail("b-249")
    assert detail is not None
    by_hand = msgspec.structs.replace(detail.history[-1], actor_name="")
    [step] = console.facts_side._said.history(replace(detail, history=(by_hand,)))
    assert step.who == console.around.moments.full(by_hand.at)
