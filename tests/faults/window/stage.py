"""The real window over the real engine and the server's store, and what stands in it about one operation."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.intents.live_desk import LiveDesk
from desktop.widgets.conflict_card import ConflictBox
from desktop.widgets.outbox_row import GLYPHS
from desktop.widgets.pending_strip import PendingStrip
from desktop.windows.appearance import Appearance
from desktop.windows.console_window import ConsoleWindow
from desktop.windows.window_memory import WindowMemory
from tests.support.linkless_desk import LinklessDesk
from tests.support.paper_console import make_look, make_surroundings

GONE = "gone"


class Stage:
    """One window, open as long as the program runs. What happens in it is told by whoever calls."""

    def __init__(self, folder: Path) -> None:
        self.world = LinklessDesk(folder)
        self.world.snapshot()
        self._folder = folder
        self._look = make_look()
        self._spawned: list[Coroutine[Any, Any, None]] = []
        self.on_change: Callable[[], None] = _nothing
        self._open_window()

    def _open_window(self) -> None:
        desk, memory = LiveDesk(self.world.desk), WindowMemory(self._folder)
        self.window = ConsoleWindow(
            lambda window: make_surroundings(
                desk, self._look, window, spawn=self._spawned.append, clock=lambda: self.world.now
            ),
            memory,
            Appearance(self._look, memory, "light"),
        )
        self.window.facts_side._soon.setInterval(0)
        self.window.resize(1024, 640)
        self.window.show()
        self.window.outbox.open()
        self.be_joined(joined=True)
        changed = lambda *_: self.on_change()  # noqa: E731 - the window's own listeners come before it
        self.world.desk.changes.listen(bookings=changed, conversation=changed, outbox=changed, link=changed)
        self.settle()

    def be_joined(self, *, joined: bool) -> None:
        self.world.desk.parts.link.happened("joined" if joined else "lost")

    def restart(self, booking_id: str) -> None:
        """The program ends and begins again, with the same booking opened."""
        self.close_window()
        self.world.close_desk()
        self.world.open()
        self._open_window()
        self.window.open_booking(booking_id)
        self.settle()

    def close_window(self) -> None:
        self.settle()
        self.window.outbox.panel.close()
        self.window.close()
        self.window.deleteLater()
        QApplication.processEvents()
        while self._spawned:  # what it was about to look up goes with it
            self._spawned.pop().close()

    def close(self) -> None:
        self.close_window()
        self.world.close()

    def settle(self) -> None:
        """Until the window has nothing left to do."""
        while self._spawned:
            self.world.run(self._spawned.pop(0))
            QApplication.processEvents()
        QApplication.processEvents()

    def type(self, text: str) -> str:
        """Written into the open booking and sent with Enter; the line's id."""
        box = self.window.panes.conversation.composer.input
        box.setPlainText(text)
        QTest.keyClick(box, Qt.Key.Key_Return)
        newest = self.window.panes.conversation.view.rows.rows[-1].line
        assert newest is not None and newest.text == text
        return newest.id

    # --- what stands there -------------------------------------------------------------------------------------------

    def bubble(self, op_id: str) -> str:
        for row in self.window.panes.conversation.view.rows.rows:
            if row.line is not None and row.line.id == op_id:
                return str(row.line.delivery)
        return GONE

    def press(self, op_id: str) -> str:
        pane = self.window.panes.facts
        found = [f"strip {strip.state}" for strip in pane.findChildren(PendingStrip) if strip.press.op_id == op_id]
        found += ["card" for card in pane.findChildren(ConflictBox) if card.conflict.op_id == op_id]
        assert len(found) <= 1, found
        return found[0] if found else GONE

    def outbox(self, op_id: str) -> str:
        for row in self.window.outbox.panel.rows.rows:
            if row.line.op_id == op_id:
                assert row.line.state in GLYPHS
                return row.line.state
        return GONE


def _nothing() -> None:
    """Nobody asks."""
