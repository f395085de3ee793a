"""Qt's fixtures, and the console on a paper desk with someone's hands on the keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.windows.console_window import ConsoleWindow
from tests.support.hands import Hands
from tests.support.paper_console import make_console
from tests.support.paper_desk import PaperDesk
from tests.support.qt_quiet import _no_window_left_behind, desk, icons, look, run_on_qt, words

__all__ = ["_no_window_left_behind", "desk", "icons", "look", "run_on_qt", "words"]


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
