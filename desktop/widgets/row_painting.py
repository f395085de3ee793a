"""How the rows of every list are painted: smooth, in their reading direction, and leaving the painter as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem


@contextmanager
def row_painting(painter: QPainter, option: QStyleOptionViewItem) -> Iterator[None]:
    painter.save()
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(option.direction)
        yield
    finally:
        painter.restore()
