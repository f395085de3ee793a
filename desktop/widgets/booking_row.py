"""Paints one row of the bookings list: who, which, what was said last, and what is open about it."""

import math

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.item_models.roles import LINE_ROLE
from desktop.state.lines import BookingLine
from desktop.widgets.avatar import paint_avatar
from desktop.widgets.delivery_glyph import DRAFT, glyph_colour, glyph_width, paint_glyph
from desktop.widgets.look import BODY, SMALL, TINY, Look
from desktop.widgets.moments import Moments, waiting_step
from desktop.widgets.row_painting import row_painting
from desktop.widgets.status_pill import PillPainter
from desktop.widgets.text_direction import one_line, runs_right_to_left, with_isolated_codes
from desktop.widgets.words import Words

HEIGHT = 64
KEPT = 96
"""Drawn rows remembered: some screens full, eight megabytes."""
Ink = tuple[tuple[float, int, bool], QColor]
"""A face as Look gives it (size, weight, tabular), and its colour."""
_TO_LEFT, _TO_RIGHT = Qt.LayoutDirection.RightToLeft, Qt.LayoutDirection.LeftToRight
_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
_ABSOLUTE = Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter


class BookingRow(QStyledItemDelegate):
    """Rows of one height. Geometry is thought from left to right and mirrored where the language runs the other way."""

    def __init__(self, look: Look, words: Words, moments: Moments, pills: PillPainter, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._words = words
        self._moments = moments
        self._pills = pills
        self._drawn: dict[tuple[object, ...], QPixmap] = {}
        self.open_id: str | None = None
        """The booking whose conversation is in front."""
        look.changed.connect(self._drawn.clear)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(self._look.px(240), self._look.px(HEIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line = index.data(LINE_ROLE)
        with row_painting(painter, option):
            self._background(painter, option, line)
            if isinstance(line, BookingLine):
                taken = _Row(painter, option.rect, line, self._look, self._words).paint_time(self._moments)
                painter.drawPixmap(
                    option.rect.topLeft(), self._content(line, painter, option, math.ceil(taken / 8) * 8)
                )

    def _content(self, line: BookingLine, painter: QPainter, option: QStyleOptionViewItem, taken: int) -> QPixmap:
        """Everything but ground and time, drawn once for as long as it says the same: scrolling only copies it."""
        ratio = painter.device().devicePixelRatioF()
        key = (line, option.rect.width(), taken, ratio, option.direction)
        if key not in self._drawn:
            if len(self._drawn) >= KEPT:
                self._drawn.clear()
            self._drawn[key] = self._draw(line, option, taken, ratio)
        return self._drawn[key]

    def _draw(self, line: BookingLine, option: QStyleOptionViewItem, taken: int, ratio: float) -> QPixmap:
        box = QRect(0, 0, option.rect.width(), option.rect.height())
        pixmap = QPixmap(round(box.width() * ratio), round(box.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(option.direction)
        _Row(painter, box, line, self._look, self._words).paint(self._pills, taken)
        painter.end()
        return pixmap

    def _background(self, painter: QPainter, option: QStyleOptionViewItem, line: object) -> None:
        colours, box = self._look.colours, option.rect
        state = option.state
        is_open = isinstance(line, BookingLine) and line.id == self.open_id
        if is_open:
            painter.fillRect(box, colours.selected)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, colours.hover)
        painter.setPen(QPen(colours.hairline, 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if state & QStyle.StateFlag.State_Selected and state & QStyle.StateFlag.State_Active and self._has_focus():
            painter.setPen(QPen(colours.focus, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(box).adjusted(5, 2, -3, -3), 6, 6)

    def _has_focus(self) -> bool:
        view = self.parent()
        return isinstance(view, QWidget) and view.hasFocus()


class _Row:
    """One row being painted: a box, a line, and a cursor that eats room from both ends of each text line."""

    def __init__(self, painter: QPainter, box: QRect, line: BookingLine, look: Look, words: Words) -> None:
        self._painter = painter
        self._box = QRectF(box)
        self._line = line
        self._look = look
        self._words = words
        self._mirrored = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def paint_time(self, moments: Moments) -> float:
        """How long the customer waits, or when the last line came; gives the width taken."""
        end = self._look.px(12)
        return self._waiting(end, moments) if self._line.waiting_since else self._time(end, moments)

    def paint(self, pills: PillPainter, taken: int) -> None:
        """All the rest; `taken` is what the time leaves the name."""
        px, line, colours = self._look.px, self._line, self._look.colours
        self._fill(
            self._place(0, 0, px(4), self._box.height() - 1), colours.priority[min(4, max(1, line.priority)) - 1]
        )
        avatar = self._place(px(14), px(12), px(38), px(38))
        paint_avatar(self._painter, avatar, line.customer_name or line.code, self._look)
        start, end = px(62), px(12)
        self._first_line(start, end, taken)
        self._second_line(start, end)
        self._third_line(start, end, pills)

    def _first_line(self, start: int, end: int, taken: int) -> None:
        px, line = self._look.px, self._line
        weight = 700 if line.unread else 600
        room = self._box.width() - start - end - taken
        name = line.customer_name or self._words("row.nameless")
        ink = ((BODY, weight, False), self._look.colours.text)
        self._text((start, px(6), room - px(8), px(17)), name, ink)

    def _waiting(self, end: int, moments: Moments) -> float:
        """The wait as a chip in one of four tints, so that age is never colour alone; gives the width taken."""
        px, line = self._look.px, self._line
        since = line.waiting_since or ""
        step = waiting_step(moments.seconds_since(since), line.priority)
        shown, face = moments.waiting(since), (TINY, 600, True)
        width = self._look.metrics(*face).horizontalAdvance(shown) + px(14)
        chip = self._place(self._box.width() - end - width, px(6), width, px(17))
        self._fill(chip, self._look.colours.waiting[step], px(8.5))
        colour = self._look.colours.text if step else self._look.colours.secondary_on_tint
        self._draw(chip, shown, (face, colour), Qt.AlignmentFlag.AlignCenter)
        return width

    def _time(self, end: int, moments: Moments) -> float:
        if not self._line.last_at:
            return 0.0
        shown, face = moments.short(self._line.last_at), (TINY, 400, True)
        width = self._look.metrics(*face).horizontalAdvance(shown) + 1
        box = self._place(self._box.width() - end - width, self._look.px(6), width, self._look.px(17))
        self._draw(box, shown, (face, self._look.colours.secondary), Qt.AlignmentFlag.AlignCenter)
        return width

    def _second_line(self, start: int, end: int) -> None:
        px, line, colours = self._look.px, self._line, self._look.colours
        top, height, x = px(24), px(17), float(start)
        state = DRAFT if line.has_draft else line.last_delivery
        if state:
            side = px(12)
            width = glyph_width(state, side)
            box = self._place(x, top + (height - side) / 2, width, side)
            paint_glyph(self._painter, box, state, glyph_colour(state, colours))
            x += width + px(5)
        room = self._box.width() - x - end - self._badge(end, top)
        shown = self._last_words()
        strong = line.unread or line.needs_answer
        face = (SMALL, 500 if strong else 400, False)
        self._text((x, top, room, height), shown, (face, colours.text if strong else colours.secondary))

    def _last_words(self) -> str:
        line = self._line
        if not line.last_text:
            return self._words("row.no_lines")
        text = one_line(line.last_text)
        return self._words("row.ours", text=text) if line.last_delivery else text

    def _badge(self, end: int, top: float) -> float:
        """The number of unread lines, capped; gives the width taken."""
        if not self._line.unread:
            return 0.0
        px = self._look.px
        shown = self._words.left_to_right(str(self._line.unread) if self._line.unread < 100 else "99+")
        face = (TINY, 700, True)
        width = max(px(17), self._look.metrics(*face).horizontalAdvance(shown) + px(10))
        badge = self._place(self._box.width() - end - width, top + px(1), width, px(17))
        self._fill(badge, self._look.colours.accent, px(8.5))
        self._draw(badge, shown, (face, self._look.colours.on_accent), Qt.AlignmentFlag.AlignCenter)
        return width + px(8)

    def _third_line(self, start: int, end: int, pills: PillPainter) -> None:
        px, line, colours = self._look.px, self._line, self._look.colours
        top, height, x = px(43), px(16), float(start)
        face, strong = (TINY, 400, True), (TINY, 700, False)
        metrics = self._look.metrics(*face)
        width = min(pills.width(line.workflow, line.status, line.pending_status), self._box.width() - start - end)
        pills.paint(self._painter, self._place(x, top, width, height), line.workflow, line.status, line.pending_status)
        x += width + px(8)
        if line.priority <= 2:
            mark = self._words("row.urgent", priority=line.priority)
            taken = self._look.metrics(*strong).horizontalAdvance(mark) + 1
            self._text((x, top, taken, height), mark, (strong, colours.priority[line.priority - 1]))
            x += taken + px(6)
        room = self._box.width() - x - end
        who = next(iter((line.assignee_name or "").split()), "")
        taken = min(metrics.horizontalAdvance(who) + 1, room / 2) if who else 0.0
        ink = (face, colours.secondary)
        self._text((self._box.width() - end - taken, top, taken, height), who, ink, far=True)
        room -= taken + px(8)
        code = _fitting_code(line.code, metrics, room) if line.code else self._words("row.no_code")
        self._text((x, top, room, height), code, ink)

    def _place(self, x: float, y: float, width: float, height: float) -> QRectF:
        left = self._box.right() - x - width if self._mirrored else self._box.left() + x
        return QRectF(left, self._box.top() + y, width, height)

    def _fill(self, box: QRectF, colour: QColor, radius: float = 0) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(colour)
        self._painter.drawRoundedRect(box, radius, radius)

    def _draw(self, box: QRectF, text: str, ink: Ink, flags: Qt.AlignmentFlag) -> None:
        self._painter.setFont(self._look.font(*ink[0]))
        self._painter.setPen(ink[1])
        self._painter.drawText(box, flags | Qt.AlignmentFlag.AlignVCenter, text)

    def _text(self, place: tuple[float, float, float, float], text: str, ink: Ink, far: bool = False) -> None:
        """One elided line. Where it stands follows the window; which way its words run follows the words."""
        x, y, width, height = place
        if width <= 0:
            return
        metrics, before = self._look.metrics(*ink[0]), self._painter.layoutDirection()
        right_to_left = runs_right_to_left(text, self._mirrored)
        text = with_isolated_codes(text) if right_to_left else text
        if metrics.horizontalAdvance(text) > width:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        self._painter.setLayoutDirection(_TO_LEFT if right_to_left else _TO_RIGHT)
        side = _RIGHT if self._mirrored != far else _LEFT
        self._draw(self._place(x, y, width, height), text, ink, side | _ABSOLUTE)
        self._painter.setLayoutDirection(before)


def _fitting_code(code: str, metrics: QFontMetricsF, room: float) -> str:
    """The whole code, else REQ…4249, else …4249: its end is what tells bookings apart."""
    letters = code[: next((place for place, sign in enumerate(code) if sign.isdigit()), 0)]
    shorter = (code, f"{letters}…{code[-4:]}", f"…{code[-4:]}")
    return next((text for text in shorter if metrics.horizontalAdvance(text) <= room), "")
