"""Qt's fixtures, and the console on a paper desk with someone's hands on the keyboard."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.widgets.review_dialog import ReviewDialog
from desktop.windows.console_window import ConsoleWindow
from tests.support import sample_talk as talk
from tests.support.hands import Hands
from tests.support.paper_console import make_console
from tests.support.paper_desk import PaperDesk
from tests.support.qt_quiet import _no_window_left_behind, desk, icons, look, run_on_qt, words
from tests.support.sample_overtaken import overtaken_cards

__all__ = ["_no_window_left_behind", "desk", "icons", "look", "run_on_qt", "words"]

PLACES = {"o-9": "b-249", "o-10": "b-102", "o-12": "b-88", "o-11": "gone"}
"""Overtaken presses, and the bookings they are of."""


@pytest.fixture
def console(desk: PaperDesk, qtbot: QtBot, tmp_path: Path) -> Iterator[ConsoleWindow]:
    """All bookings listed, none open, the keyboard on the list."""
    window = make_console(desk, tmp_path)
    qtbot.addWidget(window)
    window.resize(1400, 860)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    window.list_side.choose_view("all")
    window.panes.bookings.focus_rows()
    yield window
    window.close()


@pytest.fixture
def hands(qtbot: QtBot, console: ConsoleWindow) -> Hands:
    return Hands(qtbot, console)


@pytest.fixture
def asked(desk: PaperDesk, console: ConsoleWindow) -> ReviewDialog:
    """Three presses overtaken, and one of a booking that is out of sight."""
    desk.conflicts = overtaken_cards()
    line = replace(talk.outbox_lines()[0], kind="booking.transition", state="needs_decision", what="Accept")
    desk.outbox = [replace(line, op_id=op_id, booking_id=booking_id) for op_id, booking_id in PLACES.items()]
    for _ in range(2):
        desk.changes.notice("decisions_wanted", count=4)
    dialog = console.review_side._dialog
    assert dialog is not None
    return dialog
