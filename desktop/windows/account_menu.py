"""The menu under the operator's name: appearance, language, size, keys, sign out."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from desktop.widgets.shortcuts import Shortcut
from desktop.windows.surroundings import Surroundings

LANGUAGES = {"en": "English", "ar": "العربية"}
"""By their own names: whoever needs to change it may not read the other."""


class AccountMenu(QObject):
    theme_chosen = Signal(str)
    language_chosen = Signal(str)
    sign_out_chosen = Signal()

    def __init__(
        self, around: Surroundings, window: QWidget, commands: Mapping[Shortcut, Callable[[], None]], theme: str
    ) -> None:
        super().__init__(window)
        self._around, self._window, self._commands = around, window, commands
        self.theme = theme

    def open_under(self, widget: QWidget) -> None:
        menu = self.build()
        corner = widget.rect().bottomLeft() if widget.isRightToLeft() else widget.rect().bottomRight()
        at = widget.mapToGlobal(corner)
        menu.popup(at if widget.isRightToLeft() else at - QPoint(menu.sizeHint().width(), 0))

    def build(self) -> QMenu:
        menu, words = QMenu(self._window), self._around.words
        menu.aboutToHide.connect(menu.deleteLater)
        self._choices(
            menu.addMenu(words("menu.theme")),
            {name: words(f"menu.theme_{name}") for name in ("system", "light", "dark")},
            self.theme,
            self.theme_chosen.emit,
        )
        self._choices(menu.addMenu(words("menu.language")), LANGUAGES, words.lang, self.language_chosen.emit)
        size = menu.addMenu(words("menu.size"))
        for shortcut in (Shortcut.LARGER, Shortcut.SMALLER, Shortcut.NORMAL_SIZE):
            self._command(size, shortcut, words(f"menu.{shortcut.name.lower()}"))
        menu.addSeparator()
        offline = self._command(menu, Shortcut.WORK_OFFLINE, words("menu.work_offline"))
        offline.setCheckable(True)
        offline.setChecked(self._around.desk.work_offline)
        self._command(menu, Shortcut.SYNC_NOW, words("menu.sync_now"))
        self._command(menu, Shortcut.OUTBOX, words("menu.outbox"))
        self._command(menu, Shortcut.SHEET, words("menu.shortcuts"))
        menu.addSeparator()
        menu.addAction(words("menu.sign_out"), self.sign_out_chosen.emit)
        self._command(menu, Shortcut.QUIT, words("menu.quit"))
        return menu

    def _command(self, menu: QMenu, shortcut: Shortcut, text: str) -> QAction:
        """An entry that shows its keys; the keys themselves are bound by the window."""
        return menu.addAction(f"{text}\t{shortcut.value.shown}", self._commands[shortcut])

    def _choices(self, menu: QMenu, texts: Mapping[str, str], current: str, then: Callable[[str], None]) -> None:
        group = QActionGroup(menu)
        for name, text in texts.items():
            entry = menu.addAction(text, partial(then, name))
            entry.setCheckable(True)
            entry.setChecked(name == current)
            group.addAction(entry)
