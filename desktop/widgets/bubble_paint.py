"""Paints one row of a conversation from its measured shape."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from contract.delivery import Delivery
from desktop.item_models.conversation_rows import ConversationRow
from desktop.state.lines import MessageLine
from desktop.widgets.avatar import paint_avatar
from desktop.widgets.bubble_shape import BubbleShape
from desktop.widgets.delivery_glyph import glyph_colour, glyph_width, paint_glyph
from desktop.widgets.look import SMALL, TINY, Look
from desktop.widgets.row_sentences import RowSentences
from desktop.widgets.text_direction import direction_of
from desktop.widgets.words import Words

_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
_ABSOLUTE = Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter
_START = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
_END = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter


class BubblePainter:
    def __init__(self, look: Look, words: Words, sentences: RowSentences) -> None:
        self._look = look
        self._words = words
        self._sentences = sentences

    def paint(self, painter: QPainter, row: ConversationRow, shape: BubbleShape) -> None:
        """Draws at the painter's origin."""
        if row.line is None:
            self._separator(painter, shape.box, self._sentences.conversation(row), row.kind == "unread")
        elif row.line.side == "system":
            self._system(painter, shape, row.line)
        else:
            self._message(painter, shape, row.line)

    def _separator(self, painter: QPainter, box: QRectF, text: str, unread: bool) -> None:
        px, colours = self._look.px, self._look.colours
        colour = colours.danger if unread else colours.secondary
        painter.setFont(self._look.font(TINY, 700 if unread else 600))
        width = painter.fontMetrics().horizontalAdvance(text) + px(24)
        middle = box.center()
        painter.setPen(QPen(colours.danger if unread else colours.hairline, 1))
        for left, right in (
            (box.left() + px(20), middle.x() - width / 2),
            (middle.x() + width / 2, box.right() - px(20)),
        ):
            painter.drawLine(QPointF(left, round(middle.y()) + 0.5), QPointF(right, round(middle.y()) + 0.5))
        painter.setPen(colour)
        painter.drawText(box, _CENTRE, text)

    def _system(self, painter: QPainter, shape: BubbleShape, line: MessageLine) -> None:
        px, colours = self._look.px, self._look.colours
        painter.setPen(QPen(colours.hairline, 1))
        painter.setBrush(colours.window)
        radius = min(px(14), shape.box.height() / 2)
        painter.drawRoundedRect(shape.box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        self._text(painter, shape, colours.secondary_on_tint)
        self._meta(painter, shape, line, colours.secondary)

    def _message(self, painter: QPainter, shape: BubbleShape, line: MessageLine) -> None:
        colours, note = self._look.colours, line.kind == "note"
        text = colours.note_text if note else colours.text
        painter.setPen(Qt.PenStyle.NoPen)
        fill = colours.note_fill if note else colours.their_bubble if line.side == "customer" else colours.own_bubble
        if shape.plain:
            painter.setPen(QPen(colours.hairline, 1))
            fill, text = colours.surface, colours.secondary
        elif line.delivery in (Delivery.FAILED, Delivery.CONFLICT):
            painter.setPen(QPen(colours.danger, 1))
        painter.setBrush(fill)
        painter.drawPath(self._outline(shape, line))
        if note:
            edge = QRectF(shape.box.left(), shape.box.top() + 6, self._look.px(3), shape.box.height() - 12)
            if self._words.right_to_left:
                edge.moveRight(shape.box.right())
            painter.fillRect(edge, colours.note_edge)
        self._text(painter, shape, text)
        self._meta(painter, shape, line, colours.note_text if note else colours.secondary)
        self._name(painter, shape, line)
        if shape.avatar is not None:
            paint_avatar(painter, shape.avatar, line.sender_name, self._look)
        self._below(painter, shape, line)

    def _outline(self, shape: BubbleShape, line: MessageLine) -> QPainterPath:
        """Rounded; a corner between two bubbles of one run is nearly square, so that the run reads as one."""
        big, small = self._look.px(16), self._look.px(5)
        path = QPainterPath()
        box = shape.box.adjusted(0.5, 0.5, -0.5, -0.5)
        if line.kind == "note":
            path.addRoundedRect(box, self._look.px(10), self._look.px(10))
            return path
        at_left = (line.side == "customer") != self._words.right_to_left
        top = big if shape.row.begins_group else small
        return _rounded(box, (top, big, big, small) if at_left else (big, top, small, big))

    def _text(self, painter: QPainter, shape: BubbleShape, colour: QColor) -> None:
        if shape.text is not None:
            painter.setPen(colour)
            shape.text.paint(painter, shape.text_at, shape.text_width)

    def _meta(self, painter: QPainter, shape: BubbleShape, line: MessageLine, colour: QColor) -> None:
        """The clock, then the glyph at the very end."""
        if shape.meta is None:
            return
        box = QRectF(shape.meta)
        if line.delivery is not None and not line.removed:
            side = self._look.px(13)
            width = glyph_width(line.delivery, side)
            glyph = QRectF(box.right() - width, box.center().y() - side / 2, width, side)
            paint_glyph(painter, glyph, line.delivery, glyph_colour(line.delivery, self._look.colours))
            box.setRight(glyph.left() - self._look.px(5))
        painter.setFont(self._look.font(TINY, 400, tabular=True))
        painter.setPen(colour)
        painter.drawText(
            box,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter,
            shape.meta_words,
        )

    def _name(self, painter: QPainter, shape: BubbleShape, line: MessageLine) -> None:
        if shape.name is None:
            return
        note, colours = line.kind == "note", self._look.colours
        painter.setFont(self._look.font(TINY, 600))
        painter.setPen(colours.note_text if note else colours.secondary)
        said = self._sentences.sender(line)
        if note:
            said = f"{said} · {self._words('conversation.note_mark')}"
        shown = painter.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, int(shape.name.width()))
        painter.drawText(shape.name, _START if note or line.side == "customer" else _END, shown)

    def _below(self, painter: QPainter, shape: BubbleShape, line: MessageLine) -> None:
        """Why it was refused and what can be done, as words to press."""
        colours = self._look.colours
        if shape.error is not None and line.error:
            painter.setFont(self._look.font(SMALL))
            painter.setPen(colours.danger)
            why, room = self._words.refusal(line.code, line.error), int(shape.error.width())
            shown = painter.fontMetrics().elidedText(why, Qt.TextElideMode.ElideRight, room)
            painter.save()
            painter.setLayoutDirection(direction_of(shown, self._words.right_to_left))
            painter.drawText(shape.error, (_LEFT if self._words.right_to_left else _RIGHT) | _ABSOLUTE, shown)
            painter.restore()
        painter.setFont(self._look.font(SMALL, 600))
        for action in shape.actions:
            painter.setPen(colours.danger if action.name == "discard" else colours.accent)
            painter.drawText(action.box, _CENTRE, action.label)


def _rounded(box: QRectF, radii: tuple[int, int, int, int]) -> QPainterPath:
    """A box with its own radius at each corner: top left, top right, bottom right, bottom left."""
    top_left, top_right, bottom_right, bottom_left = (min(radius, box.height() / 2) for radius in radii)
    path = QPainterPath(QPointF(box.left() + top_left, box.top()))
    path.lineTo(box.right() - top_right, box.top())
    path.quadTo(box.topRight(), QPointF(box.right(), box.top() + top_right))
    path.lineTo(box.right(), box.bottom() - bottom_right)
    path.quadTo(box.bottomRight(), QPointF(box.right() - bottom_right, box.bottom()))
    path.lineTo(box.left() + bottom_left, box.bottom())
    path.quadTo(box.bottomLeft(), QPointF(box.left(), box.bottom() - bottom_left))
    path.lineTo(box.left(), box.top() + top_left)
    path.quadTo(box.topLeft(), QPointF(box.left() + top_left, box.top()))
    return path
