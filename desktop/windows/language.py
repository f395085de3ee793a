"""Which language the windows speak, and from which side they are read."""

import locale

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from contract.actors import Lang
from desktop.windows.window_memory import WindowMemory


def language(chosen: str, set_to: str | None, memory: WindowMemory, of_person: str | None) -> Lang:
    """As chosen in this run, as set, as chosen before, as the person's profile says, as the computer speaks."""
    system = "ar" if (locale.getlocale()[0] or "").startswith("ar") else "en"
    wanted = chosen or set_to or memory.text("lang", "") or of_person or system
    return "ar" if wanted == "ar" else "en"


def turn(lang: Lang) -> None:
    """All windows made from now on."""
    direction = Qt.LayoutDirection.RightToLeft if lang == "ar" else Qt.LayoutDirection.LeftToRight
    QGuiApplication.setLayoutDirection(direction)
