"""Joins the palette to the desk: commands at once, bookings as the store finds them."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.item_models.palette_rows import MOST, PaletteRow, matching
from desktop.widgets.palette import Palette
from desktop.widgets.shortcuts import Shortcut
from desktop.windows.surroundings import Surroundings

SETTLE_MS = 50


class PaletteSide(QObject):
    booking_wanted = Signal(str)

    def __init__(self, around: Surroundings, window: QWidget, commands: Mapping[Shortcut, Callable[[], None]]) -> None:
        super().__init__(window)
        self._around, self._window, self._commands = around, window, commands
        self._panel = Palette(around.look, around.words, window)
        self._offered = [
            PaletteRow(shortcut.name, around.words(f"key.{shortcut.name.lower()}"), shortcut.value.shown)
            for shortcut in commands
            if shortcut is not Shortcut.PALETTE
        ]
        self._text = ""
        self._closed = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(lambda: around.spawn(self._find(self._text)))
        self._panel.typed.connect(self._typed)
        self._panel.chosen.connect(self._run)

    @property
    def panel(self) -> Palette:
        return self._panel

    def open(self) -> None:
        self._panel.open_over(self._window)

    def close(self) -> None:
        """The window goes."""
        self._closed = True
        self._settle.stop()

    def _typed(self, text: str) -> None:
        self._text = text.strip()
        self._panel.show_rows(matching(self._offered, self._text))
        if self._text:
            self._settle.start()

    async def _find(self, text: str) -> None:
        """Bookings that fit, above the commands that do; an answer to what is typed no longer is dropped."""
        desk, statuses = self._around.desk, self._around.statuses
        order = await desk.order("all", text)
        if self._closed or text != self._text or not self._panel.isVisible():
            return
        lines = desk.booking_lines(order[:MOST])
        bookings = [
            PaletteRow(
                f"booking:{line.id}",
                line.customer_name or self._around.words("row.nameless"),
                f"{self._around.words.left_to_right(line.code)} · {statuses.label(line.workflow, line.status)}",
            )
            for line in lines
        ]
        self._panel.show_rows([*bookings, *matching(self._offered, text)][:MOST])

    def _run(self, key: str) -> None:
        if key.startswith("booking:"):
            self.booking_wanted.emit(key.removeprefix("booking:"))
        else:
            self._commands[Shortcut[key]]()
