"""A new booking by keys: who and what is asked, what the desk is given, and what stays when it cannot be kept."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from contract.operations import CreateBooking
from desktop.intents.desk_port import NotPossible
from desktop.windows.console_window import ConsoleWindow
from tests.support.hands import Hands
from tests.support.paper_desk import PaperDesk

CTRL = Qt.KeyboardModifier.ControlModifier
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)", extend=True)


def asked(desk: PaperDesk) -> list[object]:
    return [entry[1] for entry in desk.asked if entry[0] == "create_booking"]


def test_that_ctrl_n_asks_and_enter_opens_the_booking_that_was_made(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, qtbot: QtBot
) -> None:
    console.open_booking("b-249")
    hands.press(Qt.Key.Key_N, CTRL)
    dialog = console.new_booking.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    assert not dialog.open_button.isEnabled()
    assert dialog.kind.currentText() == "Protection service", "the kind of the booking in front"
    dialog.fields["name"].setText(" Layla Mansour ")
    dialog.fields["where"].setText("Terminal 3")
    dialog.message.setPlainText("Where shall we meet you?")
    dialog.fields["name"].setFocus()
    hands.press(Qt.Key.Key_Return)
    [given] = asked(desk)
    assert given == CreateBooking(
        "protection", customer_name="Layla Mansour", place="Terminal 3", lang="en", message="Where shall we meet you?"
    )
    assert console.new_booking.dialog is None
    assert console.facts_side.booking_id == desk.lines[-1].id


def test_that_what_cannot_be_kept_stays_written(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    hands.press(Qt.Key.Key_N, CTRL)
    dialog = console.new_booking.dialog
    assert dialog is not None
    dialog.fields["name"].setText("Layla")
    desk.refuse = NotPossible("disk_full", "The disk is full.")
    dialog.open_button.click()
    assert console.new_booking.dialog is dialog
    assert dialog.fields["name"].text() == "Layla"
    desk.refuse = None
    dialog.open_button.click()
    assert len(asked(desk)) == 1


def test_that_whoever_may_not_open_bookings_is_told(desk: PaperDesk, console: ConsoleWindow, hands: Hands) -> None:
    assert desk.me is not None
    desk.me = replace(desk.me, role="technician")
    hands.press(Qt.Key.Key_N, CTRL)
    assert console.new_booking.dialog is None
    assert console.around.toast.text == "Your role may not do this."


def test_that_who_looks_at_a_booking_when_it_is_asked_for_again_goes_on_in_the_one_it_becomes(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, qtbot: QtBot
) -> None:
    old, new = desk.lines[-1].id, "b-249"
    console.open_booking(old)
    box = console.panes.conversation.composer.input
    box.setFocus()
    qtbot.keyClicks(box, "and bring the")
    desk.changes.booking_renamed(old, new)
    qtbot.waitUntil(lambda: console.conversation_side.booking_id == new)
    assert console.facts_side.booking_id == new
    assert box.toPlainText() == "and bring the", "half a line goes along"
    qtbot.keyClicks(box, " key")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert [entry[1:3] for entry in desk.asked if entry[0] == "send_message"] == [(new, "and bring the key")]


def test_that_who_looks_at_another_booking_stays_there(
    desk: PaperDesk, console: ConsoleWindow, hands: Hands, qtbot: QtBot
) -> None:
    console.open_booking("b-249")
    desk.changes.booking_renamed(desk.lines[-1].id, desk.lines[-2].id)
    qtbot.wait(50)
    assert console.conversation_side.booking_id == "b-249"
