"""Light or dark, as the system or as chosen, and how large: kept between starts, changed at once."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication

from desktop.widgets.look import Look
from desktop.windows.window_memory import WindowMemory

ZOOM_STEP = 0.1


class Appearance(QObject):
    def __init__(self, look: Look, memory: WindowMemory, theme: str) -> None:
        super().__init__()
        self._look, self._memory = look, memory
        self.theme = memory.text("theme", theme) if theme == "system" else theme
        look.zoom = min(1.5, max(0.8, memory.number("zoom", 1.0)))
        look.dark = self._is_dark()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    def choose(self, theme: str) -> None:
        """system, light or dark."""
        self.theme = theme
        self._memory.keep("theme", theme)
        self._look.change(dark=self._is_dark())

    def toggle(self) -> None:
        self.choose("light" if self._look.dark else "dark")

    def zoom_by(self, steps: int) -> None:
        """Larger or smaller by tenths; nought is the normal size again."""
        zoom = round(self._look.zoom + steps * ZOOM_STEP, 2) if steps else 1.0
        self._look.change(zoom=zoom)
        self._memory.keep("zoom", self._look.zoom)

    def _is_dark(self) -> bool:
        if self.theme == "system":
            return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self.theme == "dark"

    def _system_changed(self) -> None:
        if self.theme == "system":
            self._look.change(dark=self._is_dark())
