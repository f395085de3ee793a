"""The badge in the status bar: what the connection proves right now, never what it hopes."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.state.lines import LinkPhase
from desktop.widgets.look import SMALL, Look


class ConnectionBadge(QWidget):
    """● live, ◐ behind or on the way, ○ without a connection: three shapes, three colours, and words."""

    pressed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._phase: LinkPhase = "starting"
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    def show_state(self, phase: LinkPhase, text: str, tooltip: str) -> None:
        self._phase = phase
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.updateGeometry()
        self.setToolTip(tooltip)
        self.update()

    @property
    def text(self) -> str:
        return self._text

    def sizeHint(self) -> QSize:
        self.setFont(self._look.font(SMALL, 500, tabular=True))
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + self._look.px(26), self._look.px(24))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._look.px(60), self._look.px(24))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px, colour = self._look.px, self._colour()
        side = px(10)
        left = self.width() - px(4) - side if self.isRightToLeft() else px(4)
        disc = QRectF(left, (self.height() - side) / 2, side, side)
        painter.setPen(QPen(colour, 1.8))
        painter.setBrush(colour if self._phase == "live" else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(disc)
        if self._phase in ("behind", "connecting", "reconnecting", "polling", "starting"):
            painter.setBrush(colour)
            painter.drawPie(disc, 90 * 16, 180 * 16)
        painter.setFont(self._look.font(SMALL, 500, tabular=True))
        painter.setPen(self._look.colours.text)
        inner = self.rect().adjusted(
            0 if self.isRightToLeft() else px(20), 0, -px(20) if self.isRightToLeft() else 0, 0
        )
        shown = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, inner.width())
        side_flag = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        painter.drawText(inner, side_flag | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter, shown)

    def _colour(self) -> QColor:
        colours = self._look.colours
        if self._phase == "live":
            return colours.ok
        return colours.accent if self._phase in ("behind", "connecting", "starting", "polling") else colours.warning
