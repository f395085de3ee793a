"""The life line in the window, by keys: of which message, what it says, and that it follows what happens."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop.windows.console_window import ConsoleWindow
from tests.support.hands import Hands
from tests.support.paper_desk import PaperDesk
from tests.support.sample_talk import life

CTRL = Qt.KeyboardModifier.ControlModifier
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)", extend=True)


@pytest.fixture
def mine(desk: PaperDesk) -> str:
    """The newest line of ours in Omar's booking, read by him."""
    newest = [line for line in desk.messages["b-249"] if line.mine][-1]
    desk.lives[newest.id] = life(newest)
    return newest.id


def test_that_ctrl_i_tells_the_newest_of_ours_and_escape_leads_back_to_the_writing(
    console: ConsoleWindow, hands: Hands, mine: str, qtbot: QtBot
) -> None:
    hands.press("r")
    composer = console.panes.conversation.composer.input
    assert composer.hasFocus()
    hands.press(Qt.Key.Key_I, CTRL)
    dialog = console.life_side.dialog
    qtbot.waitUntil(dialog.isActiveWindow)
    assert [step.what for step in dialog.shown] == [
        "Written",
        "On this computer's disk",
        "On its way",
        "Stored at the server",
        "Arrived on the other side",
        "Read on the other side",
    ]
    assert dialog.shown[2].why == "At attempt 2"
    assert dialog.shown[3].why == "Number 88214 among the server's changes"
    assert dialog.shown[5].why.startswith("Omar Khalid has the conversation up to message")
    hands.press(Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert console.focusWidget() is composer


def test_that_the_arrows_lead_from_message_to_message_and_end_with_them(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, mine: str, qtbot: QtBot
) -> None:
    console.open_booking("b-249")
    hands.press(Qt.Key.Key_I, CTRL)
    dialog = console.life_side.dialog
    qtbot.waitUntil(dialog.isActiveWindow)
    lines = desk.messages["b-249"]
    place = [line.id for line in lines].index(mine)
    hands.press(Qt.Key.Key_Up)
    assert dialog._what.text().endswith(lines[place - 1].text)
    assert dialog.shown == ()
    assert dialog._trouble.text() == "Nothing is known of this message."
    hands.press(Qt.Key.Key_Down)
    assert len(dialog.shown) == 6
    for _ in lines:
        hands.press(Qt.Key.Key_Down)
    assert not dialog.later.isEnabled()
    assert dialog.isAncestorOf(hands.focus)


def test_that_what_is_copied_is_every_step_with_its_moment_and_evidence(
    console: ConsoleWindow, hands: Hands, mine: str
) -> None:
    console.open_booking("b-249")
    hands.press(Qt.Key.Key_I, CTRL)
    console.life_side.dialog.copy.click()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[1] == f"REQ1759286674249  {mine}"
    assert copied[-1].startswith("Read on the other side · Today ")
    assert len(copied) == 8


def test_that_an_open_life_line_follows_what_happens(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, mine: str
) -> None:
    line = next(line for line in desk.messages["b-249"] if line.id == mine)
    desk.lives[mine] = life(line, known=4)
    console.open_booking("b-249")
    hands.press(Qt.Key.Key_I, CTRL)
    assert [step.why for step in console.life_side.dialog.shown[4:]] == ["", ""]
    assert console.life_side.dialog.shown[4].who == "Not known to have happened yet"
    desk.lives[mine] = life(line, known=5)
    desk.changes.conversation_changed("b-249")
    assert console.life_side.dialog.shown[4].why != ""
    desk.lives[mine] = replace(life(line, known=3), state="failed", error="The text is too long.")
    desk.changes.outbox_changed()
    assert console.life_side.dialog._trouble.text() == "The text is too long."


def test_that_the_first_line_of_an_unsent_booking_tells_the_life_of_its_opening(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands
) -> None:
    first = replace(desk.messages["b-249"][-1], id="derived", op_id="opens-the-booking", mine=True, position=None)
    desk.messages["b-249"] = [first]
    desk.lives["opens-the-booking"] = life(replace(first, id="opens-the-booking"), known=2)
    console.open_booking("b-249")
    hands.press(Qt.Key.Key_I, CTRL)
    assert [step.what for step in console.life_side.dialog.shown if step.why] == ["Written", "On this computer's disk"]


def test_that_without_a_conversation_it_says_so(console: ConsoleWindow, hands: Hands) -> None:
    hands.press(Qt.Key.Key_I, CTRL)
    assert not console.life_side.dialog.isVisible()


def test_that_the_menu_of_a_message_leads_to_its_life(console: ConsoleWindow, desk: PaperDesk, mine: str) -> None:
    console.open_booking("b-249")
    line = next(line for line in desk.messages["b-249"] if line.id == mine)
    menu = console.conversation_side._menu.build("b-249", line, "")
    [entry] = [action for action in menu.actions() if action.text().startswith("What happened to it")]
    entry.trigger()
    assert console.life_side.dialog.isVisible()
    menu.deleteLater()
