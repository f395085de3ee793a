"""The left rail: the views of the desk with their counts; one is chosen, Ctrl+1…9 chooses by place."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.item_models.rail_rows import RailRow, status_of
from desktop.item_models.roles import ID_ROLE, LINE_ROLE
from desktop.item_models.rows_model import RowsModel
from desktop.widgets.icons import Icons
from desktop.widgets.look import BODY, TINY, Look
from desktop.widgets.row_painting import row_painting
from desktop.widgets.row_sentences import RowSentences
from desktop.widgets.status_pill import Statuses

_ICONS = {"needs_answer": "message-circle-question-mark", "all": "inbox", "mine": "user", "unassigned": "user-x"}


class ViewRail(QListView):
    view_chosen = Signal(str)

    def __init__(self, look: Look, icons: Icons, sentences: RowSentences, statuses: Statuses, name: str) -> None:
        super().__init__()
        self.setObjectName("viewRail")
        self.setAccessibleName(name)
        self._model: RowsModel[RailRow] = RowsModel(sentences.rail, lambda row: row.view is not None, self)
        self.setModel(self._model)
        self.setItemDelegate(_RailRow(look, icons, sentences, statuses, self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.selectionModel().currentChanged.connect(self._tell)
        look.changed.connect(self.scheduleDelayedItemsLayout)

    def show_rows(self, rows: list[RailRow]) -> None:
        self._model.show_rows(rows)

    def choose(self, key: str) -> None:
        row = self._model.row_of(key)
        if row is not None:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(self._model.index(row), flags)

    def choose_nth(self, place: int) -> None:
        """The view at this place, counting from nought and leaving headings out."""
        keys = [row.key for row in self._model.rows if row.view is not None]
        if place < len(keys):
            self.choose(keys[place])

    def _tell(self, current: QModelIndex) -> None:
        key = current.data(ID_ROLE)
        if isinstance(key, str):
            self.view_chosen.emit(key)


class _RailRow(QStyledItemDelegate):
    def __init__(self, look: Look, icons: Icons, sentences: RowSentences, statuses: Statuses, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._icons = icons
        self._sentences = sentences
        self._statuses = statuses

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        row = index.data(LINE_ROLE)
        heading = isinstance(row, RailRow) and row.view is None
        return QSize(self._look.px(120), self._look.px(36 if heading else 34))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = index.data(LINE_ROLE)
        if not isinstance(row, RailRow):
            return
        with row_painting(painter, option):
            box = QRectF(option.rect)
            if row.view is None:
                self._heading(painter, box, row.heading)
            else:
                self._entry(painter, box, row, option.state)

    def _heading(self, painter: QPainter, box: QRectF, text: str) -> None:
        px = self._look.px
        painter.setFont(self._look.font(TINY, 600))
        painter.setPen(self._look.colours.secondary)
        inner = box.adjusted(px(18), px(10), -px(12), 0)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(inner.width()))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter, shown)

    def _entry(self, painter: QPainter, box: QRectF, row: RailRow, state: QStyle.StateFlag) -> None:
        px, colours = self._look.px, self._look.colours
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        inner = box.adjusted(px(8), 1, -px(8), -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(colours.selected if chosen else colours.hover)
            painter.drawRoundedRect(inner, px(7), px(7))
        view = self.parent()
        if state & QStyle.StateFlag.State_HasFocus and isinstance(view, QWidget) and view.hasFocus():
            painter.setPen(QPen(colours.focus, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(inner.adjusted(1, 1, -1, -1), px(6), px(6))
        self._mark(painter, inner, row, chosen)
        self._words(painter, inner, row, chosen)

    def _mark(self, painter: QPainter, box: QRectF, row: RailRow, chosen: bool) -> None:
        """An icon for a view, a dot in the status's tone for a status."""
        px, colours = self._look.px, self._look.colours
        mirrored = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
        status = status_of(row.key)
        size = px(9 if status else 17)
        offset = px(19) - size / 2
        left = box.right() - offset - size if mirrored else box.left() + offset
        place = QRectF(left, box.center().y() - size / 2, size, size)
        if status:
            fill, edge = colours.chips[self._statuses.tone(*status)]
            painter.setPen(QPen(edge, 1.4))
            painter.setBrush(fill)
            painter.drawEllipse(place)
            return
        colour = colours.accent if chosen else colours.secondary
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(place.topLeft(), self._icons.pixmap(_ICONS.get(row.key, "layers"), colour, size, ratio))

    def _words(self, painter: QPainter, box: QRectF, row: RailRow, chosen: bool) -> None:
        px, colours = self._look.px, self._look.colours
        if row.view is None:
            return
        urgent = row.key == "needs_answer" and row.view.count > 0
        count = f"{row.view.count:,}" if row.view.count else ""
        font = self._look.font(TINY, 700 if urgent else 500, tabular=True)
        width = QFontMetricsF(font).horizontalAdvance(count)
        inner = box.adjusted(px(38), 0, -px(12), 0)
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font)
        painter.setPen(colours.accent if urgent or chosen else colours.secondary)
        painter.drawText(self._turned(painter, inner, box), flags | Qt.AlignmentFlag.AlignTrailing, count)
        painter.setFont(self._look.font(BODY, 600 if chosen or urgent else 400))
        painter.setPen(colours.accent if chosen else colours.text)
        room = int(inner.width() - width - px(6))
        shown = painter.fontMetrics().elidedText(self._sentences.view(row.view), Qt.TextElideMode.ElideRight, room)
        painter.drawText(self._turned(painter, inner, box), flags | Qt.AlignmentFlag.AlignLeading, shown)

    def _turned(self, painter: QPainter, inner: QRectF, box: QRectF) -> QRectF:
        if painter.layoutDirection() == Qt.LayoutDirection.LeftToRight:
            return inner
        return QRectF(box.left() + box.right() - inner.right(), inner.top(), inner.width(), inner.height())
