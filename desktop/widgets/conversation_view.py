"""The scrolling conversation: stays where the reader is when lines come above or below, and knows what is shown."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from desktop.item_models.conversation_rows import ConversationRow
from desktop.item_models.roles import LINE_ROLE
from desktop.item_models.rows_model import RowsModel
from desktop.state.lines import MessageLine
from desktop.widgets.bubble_paint import BubblePainter
from desktop.widgets.bubble_shape import BubbleShapes
from desktop.widgets.row_painting import row_painting
from desktop.widgets.row_sentences import RowSentences
from desktop.widgets.text_selector import TextSelector

NEAR = 240
"""Pixels from the top at which the page before is asked for."""
AT_BOTTOM = 24
"""Pixels from the end that still count as reading the newest."""


class ConversationView(QListView):
    """Rows of many heights. Past-tense signals say what the operator pressed and where the scrolling stands."""

    top_neared = Signal()
    bottom_left = Signal(bool)
    """True while older lines are being read."""
    shown_changed = Signal()
    action_pressed = Signal(str, object)
    """retry, edit, discard or send_now, with the MessageLine."""
    link_pressed = Signal(str)
    menu_wanted = Signal(object, str, QPoint)
    """The MessageLine, the address under the mouse or "", and where."""

    def __init__(self, shapes: BubbleShapes, painter: BubblePainter, sentences: RowSentences, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.rows: RowsModel[ConversationRow] = RowsModel(
            sentences.conversation, lambda row: row.line is not None, self
        )
        self._shapes = shapes
        self._sentences = sentences
        self._away = False
        self.setModel(self.rows)
        self._delegate = _Row(shapes, painter, self)
        self.setItemDelegate(self._delegate)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(28)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().rangeChanged.connect(lambda _, most: self.verticalScrollBar().setEnabled(most > 0))

    def show_rows(self, rows: Sequence[ConversationRow], from_start: bool = False) -> None:
        """Becomes `rows`. With `from_start` (another conversation) it jumps to the unread line or the newest."""
        stay = not from_start and self.is_away
        anchor = self._first_shown() if stay else None
        self.rows.show_rows(rows)
        self.doItemsLayout()
        if from_start:
            self._begin()
        elif anchor is not None:
            self._hold(*anchor)
        else:
            self.scrollToBottom()
        self._scrolled()

    @property
    def is_away(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() < bar.maximum() - AT_BOTTOM

    def to_newest(self) -> None:
        self.scrollToBottom()

    def newest_shown(self) -> int | None:
        """The highest position of a stored line that is in sight, for the read mark."""
        index = self.indexAt(QPoint(self.viewport().width() // 2, self.viewport().height() - 1))
        last = index.row() if index.isValid() else self.rows.rowCount() - 1
        lines = (row.line for row in reversed(self.rows.rows[: last + 1]))
        return next((line.position for line in lines if line and line.position is not None), None)

    def relayout(self) -> None:
        """Heights may have changed: another size of type, another language."""
        away, anchor = self.is_away, self._first_shown()
        self.doItemsLayout()
        if away and anchor is not None:
            self._hold(*anchor)
        else:
            self.scrollToBottom()

    def _begin(self) -> None:
        place = self.rows.row_of("unread")
        self.scrollToBottom()
        if place is not None:
            top = self.visualRect(self.rows.index(place)).top()
            if top < 0:
                self.verticalScrollBar().setValue(self.verticalScrollBar().value() + top - 16)

    def _first_shown(self) -> tuple[str, int] | None:
        """The first row in sight that is a message, and how far from the top it stands."""
        first = self.indexAt(QPoint(self.viewport().width() // 2, 0))
        for place in range(max(0, first.row()), self.rows.rowCount()):
            row = self.rows.rows[place]
            if row.line is not None:
                return row.key, self.visualRect(self.rows.index(place)).top()
        return None

    def _hold(self, key: str, top: int) -> None:
        place = self.rows.row_of(key)
        if place is not None:
            moved = self.visualRect(self.rows.index(place)).top() - top
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + moved)

    def _scrolled(self) -> None:
        away = self.is_away
        if away != self._away:
            self._away = away
            self.bottom_left.emit(away)
        if self.verticalScrollBar().value() < NEAR and self.rows.rows:
            self.top_neared.emit()
        self.shown_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        away, anchor = self.is_away, self._first_shown()
        super().resizeEvent(event)
        self.doItemsLayout()
        if away and anchor is not None:
            self._hold(*anchor)
        else:
            self.scrollToBottom()

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        _, pressed, link = self._under(event.position().toPoint())
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if pressed or link else Qt.CursorShape.ArrowCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        line, pressed, link = self._under(event.position().toPoint())
        if line is not None and not pressed and not link:
            self.select_text(line.id)

    def select_text(self, key: str) -> None:
        """Puts a selectable copy of a line's text over its bubble, until the focus goes elsewhere."""
        place = self.rows.row_of(key)
        if place is None:
            return
        row, box = self.rows.rows[place], self.visualRect(self.rows.index(place))
        shape = self._shapes.of(row, box.width())
        if row.line is not None and shape.text is not None:
            TextSelector(self, shape.box.toRect().translated(box.topLeft()), self._sentences.text(row.line))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        line, pressed, link = self._under(event.position().toPoint())
        if pressed:
            self.action_pressed.emit(pressed, line)
        elif link:
            self.link_pressed.emit(link)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        line, _, link = self._under(event.pos())
        line = line or self.current_line()
        if line is not None:
            self.menu_wanted.emit(line, link, event.globalPos())

    def current_line(self) -> MessageLine | None:
        """The line that the keyboard or the last click is on."""
        row = self.currentIndex().data(LINE_ROLE)
        return row.line if isinstance(row, ConversationRow) else None

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line, _, link = self._under(event.pos())
            QToolTip.showText(event.globalPos(), link or (self._sentences.delivery(line) if line else ""), self)
            return True
        return super().viewportEvent(event)

    def _under(self, point: QPoint) -> tuple[MessageLine | None, str, str]:
        """The line under the mouse, and the action or the address right under it."""
        index = self.indexAt(point)
        row = index.data(LINE_ROLE)
        if not isinstance(row, ConversationRow) or row.line is None:
            return None, "", ""
        box = self.visualRect(index)
        shape = self._shapes.of(row, box.width())
        at = QPointF(point - box.topLeft())
        pressed = next((action.name for action in shape.actions if action.box.contains(at)), "")
        link = ""
        if shape.text is not None and not row.line.removed:
            link = shape.text.link_at(at - shape.text_at, shape.text_width) or ""
        return row.line, pressed, link


class _Row(QStyledItemDelegate):
    def __init__(self, shapes: BubbleShapes, painter: BubblePainter, view: ConversationView) -> None:
        super().__init__(view)
        self._view = view
        self._shapes = shapes
        self._painter = painter

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        width = self._view.viewport().width()
        return QSize(width, self._shapes.of(index.data(LINE_ROLE), width).height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = index.data(LINE_ROLE)
        box: QRect = option.rect
        with row_painting(painter, option):
            painter.translate(box.topLeft())
            self._painter.paint(painter, row, self._shapes.of(row, box.width()))
