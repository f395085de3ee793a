"""A person as a disc with initials, in a colour that is the same at every start."""

import zlib

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from desktop.widgets.look import Look


def initials_of(name: str) -> str:
    """Up to two letters; a question mark for nobody. Arabic gives one, as joined letters would be read as a word."""
    parts = [part for part in name.replace("-", " ").split() if part[0].isalnum()]
    if not parts:
        return "?"
    if ord(parts[0][0]) > 0x590 or len(parts) == 1:
        return parts[0][0].upper()
    return (parts[0][0] + parts[-1][0]).upper()


def paint_avatar(painter: QPainter, box: QRectF, name: str, look: Look) -> None:
    """Draws the disc of `name` into the square `box`."""
    pairs = list(look.colours.avatars.values())
    fill, text = pairs[zlib.crc32(name.encode()) % len(pairs)]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawEllipse(box)
    painter.setPen(text)
    painter.setFont(look.font(box.height() / look.zoom * 0.38, 600))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, initials_of(name))
    painter.restore()
