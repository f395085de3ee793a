"""What the console looks like when the open booking has gone out of sight, built from plain values."""

from typing import Any

from PySide6.QtWidgets import QWidget

from tests.support.desk_scenes import Scene, console, paper


def gone(**how: Any) -> QWidget:
    """The open booking went out of sight while a line was being typed."""
    desk = paper()
    window = console(desk, **how)
    window.panes.conversation.composer._put("The team is at gate 3")
    desk.lines = [line for line in desk.lines if line.id != "b-249"]
    del desk.messages["b-249"]
    desk.changes.bookings_changed(None)
    window.facts_side.refresh()
    return window


OUT_OF_SIGHT_SCENES: dict[str, Scene] = {
    "gone-light": gone,
    "gone-arabic-dark": lambda: gone(lang="ar", dark=True),
}
