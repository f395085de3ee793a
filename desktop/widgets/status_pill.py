"""A booking's status as a coloured pill, with the status a queued press leads to: PENDING ⇢ ACCEPTED."""

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from contract.delivery import Delivery
from contract.workflow import Workflow, in_language
from desktop.widgets.colours import Pair
from desktop.widgets.delivery_glyph import glyph_width, paint_glyph
from desktop.widgets.look import TINY, Look
from desktop.widgets.words import Words


class Statuses:
    """What the workflows say of a status: its label in the operator's language and its tone."""

    def __init__(self, workflows: Mapping[str, Workflow], words: Words) -> None:
        self._workflows = workflows
        self._words = words

    def label(self, workflow: str, status: str) -> str:
        """The word on the pill; a status no file knows is shown by its name."""
        found = self._workflows.get(workflow)
        known = found.statuses.get(status) if found else None
        return in_language(known.label, self._words.lang) if known else status.replace("_", " ")

    def tone(self, workflow: str, status: str) -> str:
        found = self._workflows.get(workflow)
        known = found.statuses.get(status) if found else None
        return known.tone if known else "grey"

    def title(self, workflow: str) -> str:
        found = self._workflows.get(workflow)
        return in_language(found.title, self._words.lang) if found else workflow


class PillPainter:
    """Draws pills of one size; used by the row delegate and by the pill widget alike."""

    def __init__(self, look: Look, statuses: Statuses, size: float = TINY, height: float = 18) -> None:
        self._look = look
        self._statuses = statuses
        self._size = size
        self._height = height

    @property
    def height(self) -> int:
        return self._look.px(self._height)

    def width(self, workflow: str, status: str, pending: str | None) -> float:
        metrics = self._look.metrics(self._size, 600)
        width = metrics.horizontalAdvance(self._text(workflow, status)) + self._look.px(16)
        if pending:
            width += metrics.horizontalAdvance(self._text(workflow, pending)) + self._look.px(34)
            width += glyph_width(Delivery.QUEUED, self._glyph)
        return width

    @property
    def _glyph(self) -> float:
        return self._look.px(11)

    def _text(self, workflow: str, status: str) -> str:
        return self._statuses.label(workflow, status)

    def paint(self, painter: QPainter, box: QRectF, workflow: str, status: str, pending: str | None) -> None:
        """Fills `box`, drawing from the side where lines begin."""
        right_to_left = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._look.font(self._size, 600))
        if not pending:
            self._lozenge(painter, box, workflow, status)
            painter.restore()
            return
        metrics = self._look.metrics(self._size, 600)
        first = metrics.horizontalAdvance(self._text(workflow, status)) + self._look.px(14)
        arrow = self._look.px(18)
        rest = max(0.0, box.width() - first - arrow)
        now = QRectF(box.right() - first if right_to_left else box.left(), box.top(), first, box.height())
        then = QRectF(box.left() if right_to_left else box.right() - rest, box.top(), rest, box.height())
        self._lozenge(painter, now, workflow, status)
        self._arrow(
            painter,
            QRectF(then.right() if right_to_left else now.right(), box.top(), arrow, box.height()),
            right_to_left,
        )
        self._lozenge(painter, then, workflow, pending, waits=True)
        painter.restore()

    def _lozenge(self, painter: QPainter, box: QRectF, workflow: str, status: str, waits: bool = False) -> None:
        fill, text = self._pair(workflow, status)
        radius = box.height() / 2
        painter.setPen(QPen(self._look.colours.warning, 1, Qt.PenStyle.DashLine) if waits else Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        inner = box.adjusted(self._look.px(7), 0, -self._look.px(7), 0)
        if waits:
            side = self._glyph
            begins_right = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
            left = inner.left() if begins_right else inner.right() - side
            paint_glyph(painter, QRectF(left, box.center().y() - side / 2, side, side), Delivery.QUEUED, text)
            inner.adjust(side + 3 if begins_right else 0, 0, 0 if begins_right else -side - 3, 0)
        painter.setPen(text)
        shown = self._text(workflow, status)
        metrics = self._look.metrics(self._size, 600)
        if metrics.horizontalAdvance(shown) > inner.width() + 1:
            shown = metrics.elidedText(shown, Qt.TextElideMode.ElideRight, inner.width() + 1)
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, shown)

    def _pair(self, workflow: str, status: str) -> Pair:
        return self._look.colours.chips[self._statuses.tone(workflow, status)]

    def _arrow(self, painter: QPainter, box: QRectF, to_left: bool) -> None:
        painter.setPen(QPen(self._look.colours.secondary, 1.3))
        middle, start, end = box.center().y(), box.left() + 4, box.right() - 4
        tip, tail, turn = (start, end, 3) if to_left else (end, start, -3)
        dashes = QPen(painter.pen())
        dashes.setDashPattern([2, 1.5])
        painter.setPen(dashes)
        painter.drawLine(QPointF(tail, middle), QPointF(tip, middle))
        painter.setPen(QPen(self._look.colours.secondary, 1.3))
        painter.drawPolyline([QPointF(tip + turn, middle - 3), QPointF(tip, middle), QPointF(tip + turn, middle + 3)])


class StatusPill(QWidget):
    """The pill as a widget of its own."""

    def __init__(self, look: Look, statuses: Statuses, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painter = PillPainter(look, statuses, size=12, height=22)
        self._statuses = statuses
        self._words = words
        self._shown: tuple[str, str, str | None] = ("", "", None)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_status(self, workflow: str, status: str, pending: str | None) -> None:
        self._shown = (workflow, status, pending)
        now = self._statuses.label(workflow, status)
        spoken = (
            self._words("status.becoming", now=now, then=self._statuses.label(workflow, pending)) if pending else now
        )
        self.setAccessibleName(spoken)
        self.setToolTip(spoken)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(self._painter.width(*self._shown)) + 1, self._painter.height)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self._painter.height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._painter.paint(painter, QRectF(self.rect()), *self._shown)
