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
