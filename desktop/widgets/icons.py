"""Line icons (Lucide), drawn in any colour and size from the bundled SVG files."""

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_DIRECTED = frozenset({"send", "panel-right"})
"""Icons that point along the line of writing, and so are mirrored where that runs to the left."""


class Icons:
    """Pictures by name from one folder. A name that is not there is a FileNotFoundError at the first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._drawn: dict[tuple[str, int, str, bool, float], QPixmap] = {}

    def pixmap(self, name: str, colour: QColor, size: int, ratio: float = 1.0) -> QPixmap:
        """A square of `size` logical pixels, sharp at the screen's `ratio`."""
        mirrored = name in _DIRECTED and QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
        key = (name, size, colour.name(), mirrored, ratio)
        if key not in self._drawn:
            self._drawn[key] = self._draw(name, colour, size, ratio, mirrored)
        return self._drawn[key]

    def icon(self, name: str, colour: QColor, size: int = 18) -> QIcon:
        """The same for buttons and menus, sharp up to twice the size."""
        icon = QIcon(self.pixmap(name, colour, size))
        icon.addPixmap(self.pixmap(name, colour, size, 1.5))
        icon.addPixmap(self.pixmap(name, colour, size, 2.0))
        return icon

    def _draw(self, name: str, colour: QColor, size: int, ratio: float, mirrored: bool) -> QPixmap:
        drawing = _text_of(self._folder / f"{name}.svg").replace("currentColor", colour.name())
        pixmap = QPixmap(round(size * ratio), round(size * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        if mirrored:
            painter.translate(size, 0)
            painter.scale(-1, 1)
        QSvgRenderer(QByteArray(drawing.encode())).render(painter, QRectF(0, 0, size, size))
        painter.end()
        return pixmap


@cache
def _text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")
