"""Paints one row of the outbox: what it is, for whom, its state in words, and why it waits."""

import time

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from contract.delivery import Delivery
from desktop.item_models.outbox_rows import OutboxRow
from desktop.item_models.roles import LINE_ROLE
from desktop.state.lines import OutboxLine
from desktop.widgets.delivery_glyph import glyph_colour, paint_glyph
from desktop.widgets.look import BODY, SMALL, Look
from desktop.widgets.moments import Moments
from desktop.widgets.row_painting import row_painting
from desktop.widgets.row_sentences import outbox_title
from desktop.widgets.text_direction import one_line
from desktop.widgets.words import Words

GLYPHS = {
    "queued": Delivery.QUEUED,
    "held": Delivery.HELD,
    "blocked": Delivery.HELD,
    "sending": Delivery.SENDING,
    "failed": Delivery.FAILED,
    "needs_decision": Delivery.CONFLICT,
}


class OutboxRowPainter(QStyledItemDelegate):
    def __init__(self, look: Look, words: Words, moments: Moments, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._words = words
        self._moments = moments

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(self._look.px(300), self._look.px(56))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = index.data(LINE_ROLE)
        if not isinstance(row, OutboxRow):
            return
        px, colours, box = self._look.px, self._look.colours, QRectF(option.rect)
        with row_painting(painter, option):
            if option.state & QStyle.StateFlag.State_Selected:
                painter.fillRect(box, colours.selected)
            painter.setPen(QPen(colours.hairline, 1))
            painter.drawLine(box.bottomLeft(), box.bottomRight())
            state = GLYPHS[row.line.state]
            mirrored = option.direction == Qt.LayoutDirection.RightToLeft
            left = box.right() - px(36) if mirrored else box.left() + px(18)
            paint_glyph(painter, QRectF(left, box.top() + px(12), px(18), px(18)), state, glyph_colour(state, colours))
            inner = box.adjusted(px(16 if mirrored else 50), px(8), -px(50 if mirrored else 16), -px(8))
            self._words_of(painter, inner, row.line)

    def _words_of(self, painter: QPainter, box: QRectF, line: OutboxLine) -> None:
        px, colours = self._look.px, self._look.colours
        start = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        end = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
        upper, lower = (
            QRectF(box.left(), box.top(), box.width(), px(20)),
            QRectF(box.left(), box.top() + px(21), box.width(), px(18)),
        )
        small = self._look.font(SMALL, 400, tabular=True)
        code = self._words.left_to_right(line.booking_code) if line.booking_code else self._words("row.no_code")
        at, metrics = self._moments.when(line.created_at), QFontMetricsF(small)
        room = box.width() - max(metrics.horizontalAdvance(code), metrics.horizontalAdvance(at)) - px(12)
        font = self._look.font(BODY, 500)
        painter.setFont(font)
        painter.setPen(colours.text)
        what = QFontMetricsF(font).elidedText(
            one_line(outbox_title(line, self._words)), Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(upper, start, what)
        painter.setFont(small)
        painter.setPen(colours.secondary)
        painter.drawText(upper, end, code)
        painter.drawText(lower, end, at)
        painter.setPen(colours.danger if line.error else colours.secondary)
        said = metrics.elidedText(self.state_words(line), Qt.TextElideMode.ElideRight, room)
        painter.drawText(lower, start, said)

    def state_words(self, line: OutboxLine) -> str:
        """State, tries and the next one, or why it was refused."""
        parts = [self._words(f"outbox.state.{line.state}")]
        if line.error:
            parts.append(self._words.refusal(line.code, line.error))
        elif line.attempts:
            parts.append(self._words("outbox.tries", count=line.attempts))
        left = (line.next_try_at or 0.0) - time.time()
        if left > 0:
            parts.append(self._words("outbox.next_try", seconds=max(1, round(left))))
        return " · ".join(parts)
