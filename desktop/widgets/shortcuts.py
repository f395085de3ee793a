"""Every key of the desk, in one table: what is bound is what the shortcut sheet shows (console features 5.5)."""

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


class Keys(NamedTuple):
    place: str
    """Where it works: one of PLACES. Letters work in the list only, never while typing."""
    sequences: tuple[str, ...]
    shown: str
    """What the sheet and tooltips print."""


def _keys(place: str, *sequences: str, shown: str = "") -> Keys:
    return Keys(place, sequences, shown or sequences[0])


class Shortcut(Enum):
    """Names are also the keys of their words (`key.<name>`). The Arabic letters sit on the same keys as the Latin."""

    PALETTE = _keys("everywhere", "Ctrl+K")
    VIEW = _keys("everywhere", *(f"Ctrl+{digit}" for digit in range(1, 10)), shown="Ctrl+1…9")
    NEXT_PANE = _keys("everywhere", "F6")
    PREVIOUS_PANE = _keys("everywhere", "Shift+F6")
    FILTER = _keys("everywhere", "Ctrl+F")
    NEXT_UNREAD = _keys("everywhere", "Ctrl+Shift+J")
    NEW_BOOKING = _keys("everywhere", "Ctrl+N")
    OUTBOX = _keys("everywhere", "Ctrl+Shift+O")
    CONFLICTS = _keys("everywhere", "F8")
    SYNC_NOW = _keys("everywhere", "F5")
    WORK_OFFLINE = _keys("everywhere", "Ctrl+Shift+W")
    THEME = _keys("everywhere", "Ctrl+Shift+L")
    FACTS = _keys("everywhere", "Ctrl+Shift+I")
    LARGER = _keys("everywhere", "Ctrl++", "Ctrl+=")
    SMALLER = _keys("everywhere", "Ctrl+-")
    NORMAL_SIZE = _keys("everywhere", "Ctrl+0")
    SHEET = _keys("everywhere", "Ctrl+/", "F1")
    QUIT = _keys("everywhere", "Ctrl+Q")

    DOWN = _keys("list", "J", "ت", shown="J  ↓")
    UP = _keys("list", "K", "ن", shown="K  ↑")
    OPEN = _keys("list", "Return", "Enter", shown="Enter")
    REPLY = _keys("list", "R", "ق")
    NOTE = _keys("list", "N", "ى")
    TAKE = _keys("list", "A", "ش")
    ASSIGN = _keys("list", "Shift+A", shown="Shift+A")
    FILTER_HERE = _keys("list", "/", "ظ")

    SEND = _keys("conversation", "Return", shown="Enter")
    NEW_LINE = _keys("conversation", "Shift+Return", shown="Shift+Enter")
    SWITCH_MODE = _keys("conversation", "Ctrl+Shift+M")
    BACK = _keys("conversation", "Esc")
    EDIT_LAST = _keys("conversation", "Up", shown="↑")
    NEWEST = _keys("conversation", "Ctrl+End")
    LIFE = _keys("conversation", "Ctrl+I")

    PRESS = _keys("status", *(f"Ctrl+Shift+{digit}" for digit in range(1, 10)), shown="Ctrl+Shift+1…9")
    UNDO = _keys("status", "Ctrl+Z")

    CONFLICT_CHOOSE = _keys("conflict", *"123456789", *"١٢٣٤٥٦٧٨٩", shown="1…9")
    CONFLICT_APPLY = _keys("conflict", "Return", shown="Enter")
    CONFLICT_APPLY_ALIKE = _keys("conflict", "Shift+Return", "Shift+Enter", shown="Shift+Enter")
    CONFLICT_BACK = _keys("conflict", "PgUp")
    CONFLICT_SKIP = _keys("conflict", "PgDown")


PLACES = ("everywhere", "list", "conversation", "status", "conflict")


def bind(shortcut: Shortcut, owner: QWidget, then: Callable[[], None], only_focused: bool = False) -> list[QShortcut]:
    """Runs `then` on the shortcut's keys, anywhere in the window of `owner`, or only while it has the focus."""
    return [_bound(sequence, owner, then, only_focused) for sequence in shortcut.value.sequences]


def bind_numbered(shortcut: Shortcut, owner: QWidget, then: Callable[[int], None]) -> list[QShortcut]:
    """For a row of digits: `then` gets 0 for the first. Qt itself tries Shift+1 for a key that types "!"."""
    sequences = enumerate(shortcut.value.sequences)
    return [_bound(sequence, owner, partial(then, place), False) for place, sequence in sequences]


def _bound(sequence: str, owner: QWidget, then: Callable[[], None], only_focused: bool) -> QShortcut:
    shortcut = QShortcut(QKeySequence(sequence), owner)
    if only_focused:
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
    shortcut.activated.connect(then)
    return shortcut


def with_keys(text: str, shortcut: Shortcut) -> str:
    """A tooltip: what it does and its keys."""
    return f"{text}  ({shortcut.value.shown})"
