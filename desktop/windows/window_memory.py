"""What the window remembers between starts: size, panes, theme, language, zoom. Never anything about customers."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter

FILE = "window.ini"


class WindowMemory:
    """One ini file in the profile."""

    def __init__(self, profile_dir: Path) -> None:
        self._settings = QSettings(str(profile_dir / FILE), QSettings.Format.IniFormat)

    def text(self, name: str, otherwise: str) -> str:
        return str(self._settings.value(name, otherwise))

    def number(self, name: str, otherwise: float) -> float:
        try:
            return float(str(self._settings.value(name, otherwise)))
        except ValueError:
            return otherwise

    def keep(self, name: str, value: str | float) -> None:
        self._settings.setValue(name, value)

    def keep_layout(self, window: QMainWindow, splitter: QSplitter) -> None:
        self._settings.setValue("geometry", window.saveGeometry())
        self._settings.setValue("panes", splitter.saveState())
        self._settings.sync()

    def restore_layout(self, window: QMainWindow, splitter: QSplitter) -> None:
        """Leaves both as they are where nothing was kept or it does not fit any more."""
        geometry, panes = self._settings.value("geometry"), self._settings.value("panes")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
        if isinstance(panes, QByteArray):
            splitter.restoreState(panes)
