"""The delivery glyphs, as vector paths: their shapes differ, not only their colours (console features 5.4)."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen

from contract.delivery import Delivery
from desktop.widgets.colours import Colours
from desktop.widgets.words import Words

DRAFT = "draft"
_DOUBLE = frozenset({Delivery.DELIVERED, Delivery.READ})


def glyph_width(state: str, height: float) -> float:
    """How much room a glyph of this height takes."""
    return height * 1.62 if state in _DOUBLE else height


def glyph_colour(state: str, colours: Colours) -> QColor:
    """The role colour of a state."""
    if state in (Delivery.QUEUED, Delivery.HELD):
        return colours.warning
    if state in (Delivery.FAILED, Delivery.CONFLICT):
        return colours.danger
    return colours.accent if state == Delivery.READ else colours.secondary


def glyph_words(state: str, words: Words) -> str:
    """What a glyph promises, for tooltips and screen readers."""
    return words(f"delivery.{state}")


def paint_glyph(painter: QPainter, box: QRectF, state: str, colour: QColor) -> None:
    """Draws the glyph of `state` into `box`, whose height decides its size."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    size = box.height()
    pen = QPen(colour, max(1.1, size * 0.1))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.translate(box.topLeft())
    _SHAPES[state](painter, size, colour)
    painter.restore()


def _tick(size: float, left: float = 0.0) -> QPainterPath:
    path = QPainterPath(QPointF(left + size * 0.3, size * 0.52))
    path.lineTo(left + size * 0.45, size * 0.67)
    path.lineTo(left + size * 0.72, size * 0.36)
    return path


def _disc(size: float, left: float = 0.0) -> QPainterPath:
    path = QPainterPath()
    edge = size * 0.06
    path.addEllipse(QRectF(left + edge, edge, size - 2 * edge, size - 2 * edge))
    return path


def _queued(painter: QPainter, size: float, _: QColor) -> None:
    painter.drawPath(_disc(size))
    painter.drawPolyline(
        [QPointF(size * 0.5, size * 0.26), QPointF(size * 0.5, size * 0.52), QPointF(size * 0.68, size * 0.62)]
    )


def _held(painter: QPainter, size: float, colour: QColor) -> None:
    for left in (0.24, 0.58):
        bar = QPainterPath()
        bar.addRoundedRect(QRectF(size * left, size * 0.15, size * 0.18, size * 0.7), size * 0.07, size * 0.07)
        painter.fillPath(bar, colour)


def _sending(painter: QPainter, size: float, _: QColor) -> None:
    edge = size * 0.06
    painter.drawArc(QRectF(edge, edge, size - 2 * edge, size - 2 * edge), 90 * 16, -270 * 16)


def _sent(painter: QPainter, size: float, _: QColor) -> None:
    painter.drawPath(_disc(size))
    painter.drawPath(_tick(size))


def _delivered(painter: QPainter, size: float, _: QColor) -> None:
    second = size * 0.62
    painter.drawPath(_disc(size, second))
    painter.drawPath(_tick(size, second))
    painter.setClipPath(_everything(size).subtracted(_outline(_disc(size, second), size * 0.24)))
    painter.drawPath(_disc(size))
    painter.drawPath(_tick(size, -size * 0.1))


def _read(painter: QPainter, size: float, colour: QColor) -> None:
    second = size * 0.62
    cut = size * 0.15
    right = _disc(size, second)
    painter.fillPath(right.subtracted(_outline(_tick(size, second), cut, filled=False)), colour)
    left = (
        _disc(size)
        .subtracted(_outline(right, size * 0.2))
        .subtracted(_outline(_tick(size, -size * 0.1), cut, filled=False))
    )
    painter.fillPath(left, colour)


def _failed(painter: QPainter, size: float, colour: QColor) -> None:
    triangle = QPainterPath(QPointF(size * 0.5, size * 0.1))
    triangle.lineTo(size * 0.96, size * 0.9)
    triangle.lineTo(size * 0.04, size * 0.9)
    triangle.closeSubpath()
    mark = QPainterPath()
    mark.addRoundedRect(QRectF(size * 0.45, size * 0.38, size * 0.1, size * 0.26), size * 0.04, size * 0.04)
    mark.addEllipse(QRectF(size * 0.44, size * 0.71, size * 0.12, size * 0.12))
    painter.drawPath(triangle)
    painter.fillPath(triangle.subtracted(mark), colour)


def _conflict(painter: QPainter, size: float, _: QColor) -> None:
    for row, tip, tail in ((0.32, 0.92, 0.08), (0.7, 0.08, 0.92)):
        turn = 0.18 if tip < tail else -0.18
        painter.drawLine(QPointF(size * tail, size * row), QPointF(size * tip, size * row))
        painter.drawPolyline(
            [
                QPointF(size * (tip + turn), size * (row - 0.18)),
                QPointF(size * tip, size * row),
                QPointF(size * (tip + turn), size * (row + 0.18)),
            ]
        )


def _draft(painter: QPainter, size: float, _: QColor) -> None:
    pencil = QPainterPath(QPointF(size * 0.14, size * 0.86))
    for across, down in ((0.2, 0.62), (0.68, 0.12), (0.88, 0.32), (0.38, 0.8)):
        pencil.lineTo(size * across, size * down)
    pencil.closeSubpath()
    painter.drawPath(pencil)
    painter.drawLine(QPointF(size * 0.58, size * 0.24), QPointF(size * 0.76, size * 0.42))


def _everything(size: float) -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(-size, -size, size * 4, size * 3))
    return path


def _outline(path: QPainterPath, width: float, filled: bool = True) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    stroked = stroker.createStroke(path)
    return stroked.united(path) if filled else stroked


_SHAPES: dict[str, Callable[[QPainter, float, QColor], None]] = {
    Delivery.QUEUED: _queued,
    Delivery.HELD: _held,
    Delivery.SENDING: _sending,
    Delivery.SENT: _sent,
    Delivery.DELIVERED: _delivered,
    Delivery.READ: _read,
    Delivery.FAILED: _failed,
    Delivery.CONFLICT: _conflict,
    DRAFT: _draft,
}
