"""Sign-in window, memory, appearance, single instance, last chance, self-test: what stands around the console."""

import asyncio
import re
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget
from pytestqt.qtbot import QtBot

from desktop.app import run_self_test
from desktop.intents.desk_port import SignInFailed, SignInTrouble
from desktop.store.errors import ProfileInUse
from desktop.widgets.icons import Icons
from desktop.widgets.look import Look
from desktop.widgets.words import Words
from desktop.windows.appearance import Appearance
from desktop.windows.console_window import ConsoleWindow
from desktop.windows.last_chance import LastChance
from desktop.windows.sign_in_window import SignInWindow
from desktop.windows.window_memory import WindowMemory
from tests.support.paper_console import run_now
from tests.support.paper_desk import PaperDesk


def sign_in_window(
    qtbot: QtBot, look: Look, icons: Icons, words: Words, trouble: SignInTrouble | None, has_cache: bool = False
) -> SignInWindow:
    async def sign_in(server: str, email: str, password: str) -> None:
        if trouble is not None:
            raise SignInFailed(trouble, "the message", 3)

    window = SignInWindow(look, icons, words, run_now, sign_in, has_cache)
    qtbot.addWidget(window)
    window.show()
    window.form.fill("https://desk.example.org", "lina@example.org")
    window.form.password.setText("secret")
    return window


def test_that_a_good_sign_in_is_told_and_the_password_forgotten(
    qtbot: QtBot, look: Look, icons: Icons, words: Words
) -> None:
    window = sign_in_window(qtbot, look, icons, words, None)
    with qtbot.waitSignal(window.signed_in):
        qtbot.keyClick(window.form.password, Qt.Key.Key_Return)
    assert window.form.password.text() == ""


def test_that_a_wrong_password_is_said_beside_the_password(
    qtbot: QtBot, look: Look, icons: Icons, words: Words
) -> None:
    window = sign_in_window(qtbot, look, icons, words, "wrong_password")
    with qtbot.assertNotEmitted(window.signed_in):
        qtbot.keyClick(window.form.password, Qt.Key.Key_Return)
    assert "do not fit together" in window.form._errors[window.form.password].text()
    assert window.form._button.isEnabled()


@pytest.mark.parametrize("has_cache", [True, False])
def test_that_an_unreachable_server_offers_to_start_offline_only_where_there_is_data(
    qtbot: QtBot, look: Look, icons: Icons, words: Words, has_cache: bool
) -> None:
    window = sign_in_window(qtbot, look, icons, words, "unreachable", has_cache)
    qtbot.keyClick(window.form.password, Qt.Key.Key_Return)
    assert "cannot be reached" in window.form._trouble.text()
    assert window.form._offline.isVisible() == has_cache
    assert ("no data yet" in window.form._trouble.text()) != has_cache


def test_that_a_sign_in_that_the_disk_does_not_take_is_said_and_can_be_tried_again_as_typed(
    qtbot: QtBot, look: Look, icons: Icons, words: Words
) -> None:
    window = sign_in_window(qtbot, look, icons, words, "disk_full")
    with qtbot.assertNotEmitted(window.signed_in):
        qtbot.keyClick(window.form.password, Qt.Key.Key_Return)
    assert "The disk is full" in window.form._trouble.text()
    form = window.form
    assert (form.server.text(), form.email.text(), form.password.text()) == (
        "https://desk.example.org",
        "lina@example.org",
        "secret",
    )
    assert form._button.isEnabled()


def test_that_what_waits_for_another_server_is_not_left_behind(
    qtbot: QtBot, look: Look, icons: Icons, words: Words
) -> None:
    window = sign_in_window(qtbot, look, icons, words, "unsent_elsewhere")
    qtbot.keyClick(window.form.password, Qt.Key.Key_Return)
    assert window.form._trouble.text().startswith("3 items for the message")


def test_that_a_sign_in_that_nobody_foresaw_to_fail_can_be_tried_again(
    qtbot: QtBot, look: Look, icons: Icons, words: Words
) -> None:
    async def sign_in(server: str, email: str, password: str) -> None:
        raise ProfileInUse("Fieldline is already running with this profile.")

    window = SignInWindow(look, icons, words, run_now, sign_in, False)
    qtbot.addWidget(window)
    window.show()
    window.form.fill("https://desk.example.org", "lina@example.org")
    window.form.password.setText("secret")
    with qtbot.capture_exceptions() as unforeseen:
        qtbot.keyClick(window.form.password, Qt.Key.Key_Return)
    assert [kind for kind, *_ in unforeseen] == [ProfileInUse], "reported, as ever"
    assert window.form._button.isEnabled()


def test_that_a_console_that_goes_leaves_nobody_before_the_booking_it_had_open(
    desk: PaperDesk, console: ConsoleWindow
) -> None:
    console.open_booking("b-249")
    console.close()
    opened = [what[1] for what in desk.asked if what[0] == "set_open"]
    assert opened == ["b-249", None]


def test_that_layout_theme_and_zoom_are_remembered(tmp_path: Path, look: Look, qtbot: QtBot) -> None:
    window, splitter = QMainWindow(), QSplitter()
    qtbot.addWidget(window)
    for width in (100, 300):
        pane = QWidget()
        pane.setMinimumWidth(10)
        splitter.addWidget(pane)
        pane.resize(width, 10)
    window.setCentralWidget(splitter)
    window.resize(711, 577)
    splitter.setSizes([200, 500])
    sizes = splitter.sizes()
    memory = WindowMemory(tmp_path)
    memory.keep_layout(window, splitter)
    Appearance(look, memory, "system").choose("dark")
    Appearance(look, memory, "dark").zoom_by(2)
    again = WindowMemory(tmp_path)
    window.resize(400, 300)
    splitter.setSizes([300, 10])
    again.restore_layout(window, splitter)
    assert (window.width(), window.height()) == (711, 577)
    assert splitter.sizes() == sizes
    appearance = Appearance(look, again, "system")
    assert appearance.theme == "dark"
    assert look.dark
    assert look.zoom == pytest.approx(1.2)


def test_that_a_damaged_memory_is_no_reason_not_to_start(tmp_path: Path) -> None:
    (tmp_path / "window.ini").write_bytes(b"\x00[[[zoom=abc\nzoom=abc")
    assert WindowMemory(tmp_path).number("zoom", 1.0) == 1.0


@pytest.mark.expects_errors
def test_that_what_nobody_caught_is_logged_and_told() -> None:
    chance, told, kept = LastChance(), list[int](), sys.excepthook
    chance.tell = lambda: told.append(1)
    chance.install()
    error = RuntimeError("in a slot")
    sys.excepthook(RuntimeError, error, None)
    sys.excepthook = kept
    chance.install_on(loop := asyncio.new_event_loop())
    loop.call_exception_handler({"exception": ValueError("in a callback")})
    loop.close()
    assert chance.count == 2
    assert told == [1, 1]


def test_that_the_self_test_passes_and_says_what_it_did(qapp: object) -> None:
    said: list[str] = []
    assert run_self_test(said.append)
    assert [re.split(r"[: ]+", line)[0] for line in said] == ["ok"] * 8
    assert any("encrypted store" in line for line in said)
