"""The real desktop in this process, worked by hand: keys and clicks from the story's thread, a watch on its paints."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from demo.page import wait_for
from desktop.state.lines import BookingDetail, LinkState, MessageLine, OutboxLine
from desktop.windows.console_window import ConsoleWindow

T = TypeVar("T")


class Hands(QObject):
    """Does in the screen's thread what another thread asks. Made in the screen's thread."""

    _asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._asked.connect(self._do)

    def ask(self, work: Callable[[], T], seconds: float = 20) -> T:
        """The result of `work`, or what it raised."""
        done: Future[T] = Future()
        self._asked.emit((work, done))
        return done.result(seconds)

    @Slot(object)
    def _do(self, asked: tuple[Callable[[], T], "Future[T]"]) -> None:
        work, done = asked
        try:
            done.set_result(work())
        except (RuntimeError, LookupError, ValueError, AttributeError) as error:
            done.set_exception(error)


class PaintWatch(QObject):
    """Remembers when each text of the conversation was first painted, and the states its ticks went through."""

    def __init__(self, window: ConsoleWindow) -> None:
        super().__init__()
        self.first_painted: dict[str, float] = {}
        self.climbs: dict[str, list[str]] = {}
        self._view = window.panes.conversation.view
        self._view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._look)  # after the paint, not before
        return False

    @Slot()
    def _look(self) -> None:
        now = time.time()
        for row in self._view.rows.rows:
            if row.line is None:
                continue
            self.first_painted.setdefault(row.line.text, now)
            if row.line.delivery is not None:
                climb = self.climbs.setdefault(row.line.text, [])
                if not climb or climb[-1] != row.line.delivery.value:
                    climb.append(row.line.delivery.value)


class DeskWindow:
    """What an operator does at the window and sees in it. Every call comes from the story's thread."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._watches: list[PaintWatch] = []

    def wait_open(self, seconds: float = 30) -> None:
        """Until the console stands, is live, and lists bookings."""
        wait_for(lambda: QApplication.instance() is not None, "the desktop's start", seconds)
        wait_for(lambda: self._hands.ask(lambda: bool(_consoles())), "the console", seconds)
        wait_for(lambda: self.link().phase == "live", "the desktop's connection", seconds)
        wait_for(lambda: self._on(lambda window: window.panes.model.total) > 0, "the list of bookings", seconds)
        self._watch()

    def open(self, booking_id: str) -> None:
        def work(window: ConsoleWindow) -> None:
            window.activateWindow()
            window.list_side.choose_view("all")
            window.open_booking(booking_id)
            window.panes.conversation.composer.input.setFocus()

        wait_for(lambda: self._on(lambda window: window.around.desk.detail(booking_id)) is not None, "the booking")
        self._on(work)

    def say(self, text: str) -> float:
        """Types and presses Return; the moment of the key press, in seconds since 1970."""

        def work(window: ConsoleWindow) -> float:
            field = window.panes.conversation.composer.input
            field.setFocus()
            field.setPlainText(text)
            pressed = time.time()
            QTest.keyClick(field, Qt.Key.Key_Return)
            return pressed

        return self._on(work)

    def press(self, label: str) -> float:
        """Clicks the status button that begins with `label`; the moment of the click."""

        def found(window: ConsoleWindow) -> list[QPushButton]:
            return [one for one in window.panes.facts.findChildren(QPushButton) if label in one.text()]

        def work(window: ConsoleWindow) -> float:
            buttons = found(window)
            window.panes.facts.ensureWidgetVisible(buttons[0])
            pressed = time.time()
            QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
            return pressed

        wait_for(lambda: bool(self._on(found)), f"the button {label}")
        return self._on(work)

    def lines(self) -> list[MessageLine]:
        return self._on(lambda window: [row.line for row in window.panes.conversation.view.rows.rows if row.line])

    def detail(self, booking_id: str) -> BookingDetail:
        found = self._on(lambda window: window.around.desk.detail(booking_id))
        if found is None:
            raise LookupError(booking_id)
        return found

    def link(self) -> LinkState:
        return self._on(lambda window: window.around.desk.link)

    def outbox(self) -> list[OutboxLine]:
        return self._on(lambda window: window.around.desk.outbox_lines(window.around.words.lang))

    def badge(self) -> str:
        return self._on(lambda window: window.panes.status.badge.text)

    def banners(self) -> list[str]:
        """The sentences across the top."""
        return self._on(
            lambda window: [
                one.text() for one in window.panes.banners.findChildren(QLabel) if one.isVisible() and one.text()
            ]
        )

    def painted_at(self, text: str) -> float | None:
        """When a line with that text, or beginning with it, was first painted, in seconds since 1970."""
        seen = self._hands.ask(lambda: dict(self._watches[-1].first_painted))
        return next((at for found, at in seen.items() if found.startswith(text)), None)

    def climb(self, text: str) -> list[str]:
        return self._hands.ask(lambda: list(self._watches[-1].climbs.get(text, [])))

    def dress(self, theme: str | None = None, lang: str | None = None) -> None:
        """Another theme; another language makes a new window in the old one's place."""
        if theme is not None:
            self._on(lambda window: window.appearance.choose(theme))
        if lang is not None:
            self._on(lambda window: window.language_chosen.emit(lang))
            self._watch()

    def picture(self, path: Path) -> None:
        time.sleep(0.4)  # let toasts of what was just done fade in, as a person would see them
        if not self._on(lambda window: window.grab().save(str(path))):
            raise RuntimeError(f"could not write {path}")

    def close(self) -> None:
        if QApplication.instance() is not None:
            self._hands.ask(lambda: [window.close() for window in _consoles()])

    def _watch(self) -> None:
        self._watches.append(self._on(PaintWatch))

    def _on(self, work: Callable[[ConsoleWindow], T]) -> T:
        return self._hands.ask(lambda: work(_consoles()[-1]))


def _consoles() -> list[ConsoleWindow]:
    return [
        window for window in QApplication.topLevelWidgets() if isinstance(window, ConsoleWindow) and window.isVisible()
    ]
