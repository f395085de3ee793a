"""The steps a booking has taken, newest first, as a line with a dot for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.widgets.look import BODY, SMALL, Look


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """What happened, by whom and when, why; and the tone of the status it led to."""

    what: str
    who: str
    why: str
    tone: str


class HistoryList(QWidget):
    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self._look = look
        self._name = name
        self._steps: tuple[HistoryStep, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    def show_steps(self, steps: Sequence[HistoryStep]) -> None:
        self._steps = tuple(steps)
        self.setAccessibleName(self._name)
        self.setAccessibleDescription(". ".join(f"{step.what}, {step.who} {step.why}".strip() for step in steps))
        self.setToolTip("\n".join(f"{step.what} — {step.who} {step.why}".strip() for step in steps))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._look.px(120), sum(self._height(step) for step in self._steps))

    def _height(self, step: HistoryStep) -> int:
        return self._look.px(58 if step.why else 42)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = 0
        for place, step in enumerate(self._steps):
            height = self._height(step)
            self._dot(painter, top, height, step.tone, place == len(self._steps) - 1)
            self._words(painter, top, step)
            top += height

    def _dot(self, painter: QPainter, top: int, height: int, tone: str, last: bool) -> None:
        px, colours = self._look.px, self._look.colours
        x = self.width() - px(7) if self.isRightToLeft() else px(7)
        if not last:
            painter.setPen(QPen(colours.hairline, 2))
            painter.drawLine(QPointF(x, top + px(16)), QPointF(x, top + height + px(4)))
        fill, edge = colours.chips[tone]
        painter.setPen(QPen(edge, 1.5))
        painter.setBrush(fill)
        painter.drawEllipse(QRectF(x - px(5), top + px(5), px(10), px(10)))

    def _words(self, painter: QPainter, top: int, step: HistoryStep) -> None:
        px, colours = self._look.px, self._look.colours
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        flags |= Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        left, width = (0 if self.isRightToLeft() else px(22)), self.width() - px(22)
        lines = (
            (step.what, 1, self._look.font(BODY, 500), colours.text),
            (step.who, 19, self._look.font(SMALL), colours.secondary),
            (step.why, 36, self._look.font(SMALL), colours.text),
        )
        for text, down, font, colour in lines:
            painter.setFont(font)
            painter.setPen(colour)
            shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
            painter.drawText(QRectF(left, top + px(down), width, px(18)), flags, shown)
