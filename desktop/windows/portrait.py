"""Takes the picture that --screenshot asks for, once there is something to see: a list and an opened booking."""

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.windows.console_window import ConsoleWindow

PATIENCE = 25.0
"""Seconds to wait for bookings before the picture is taken of what there is."""
SETTLE = 0.4
_EVERYTHING = "all"


async def take_portrait(window: QWidget, file: Path) -> bool:
    """Waits, opens the first booking, saves; whether the file was written."""
    if isinstance(window, ConsoleWindow):
        await _until_something_is_open(window)
    await asyncio.sleep(SETTLE)
    file.parent.mkdir(parents=True, exist_ok=True)
    return window.grab().save(str(file))


async def _until_something_is_open(window: ConsoleWindow) -> None:
    model, waited = window.panes.model, 0.0
    while not model.total and waited < PATIENCE:
        await asyncio.sleep(0.1)
        waited += 0.1
        if waited > 2 and window.list_side.view_key != _EVERYTHING:
            window.list_side.choose_view(_EVERYTHING)
    if window.conversation_side.booking_id is None and model.total:
        line = model.line(0)
        if line is not None:
            window.panes.bookings.set_current(0)
            window.open_booking(line.id)
