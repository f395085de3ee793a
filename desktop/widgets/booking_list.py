"""The bookings pane: what view it is, a filter to type into, the rows, and what an empty one says."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLineEdit, QListView, QStackedWidget, QVBoxLayout, QWidget

from desktop.item_models.bookings_model import BookingsModel, Index
from desktop.item_models.roles import ID_ROLE
from desktop.widgets.booking_row import BookingRow
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.icons import Icons
from desktop.widgets.labels import ElidedLabel, label
from desktop.widgets.look import Look
from desktop.widgets.shortcuts import Shortcut, bind
from desktop.widgets.words import Words


class BookingList(QWidget):
    booking_chosen = Signal(str)
    """Enter or a click: the booking's id."""
    filter_typed = Signal(str)
    reply_wanted = Signal(str)
    note_wanted = Signal(str)
    take_wanted = Signal(str)
    assign_wanted = Signal(str, QPoint)

    def __init__(self, look: Look, icons: Icons, words: Words, row: BookingRow, model: BookingsModel) -> None:
        super().__init__()
        self._look, self._icons, self._words, self._row, self._model = look, icons, words, row, model
        self.setObjectName("bookingList")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = ElidedLabel("title")
        self._count = label("count")
        self.filter = QLineEdit()
        self.filter.setObjectName("filter")
        self.filter.setPlaceholderText(words("list.filter"))
        self.filter.setAccessibleName(words("list.filter"))
        self.filter.setClearButtonEnabled(True)
        self._glass = self.filter.addAction(
            icons.icon("search", look.colours.secondary), QLineEdit.ActionPosition.LeadingPosition
        )
        self.view = _Rows(words("list.name"))
        self.view.setModel(model)
        self.view.setItemDelegate(row)
        row.setParent(self.view)
        self._empty = EmptyState(look, icons, "inbox")
        self._empty.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the keys' place while there are no rows to hold it
        self._pages = QStackedWidget()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self._empty)
        self._foot = ElidedLabel("foot")
        self._foot.setContentsMargins(14, 7, 14, 7)
        self._build()
        self._connect()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._count)
        top = QVBoxLayout()
        top.setContentsMargins(14, 12, 12, 10)
        top.setSpacing(10)
        top.addLayout(head)
        top.addWidget(self.filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._foot)

    def _connect(self) -> None:
        self.filter.textChanged.connect(self.filter_typed)
        self.filter.returnPressed.connect(self.focus_rows)
        self.view.clicked.connect(self._choose)
        self._look.changed.connect(self._restyle)
        bind(Shortcut.DOWN, self.view, lambda: self.move(1), only_focused=True)
        bind(Shortcut.UP, self.view, lambda: self.move(-1), only_focused=True)
        bind(Shortcut.OPEN, self.view, lambda: self._choose(self.view.currentIndex()), only_focused=True)
        bind(Shortcut.REPLY, self.view, lambda: self._say(self.reply_wanted), only_focused=True)
        bind(Shortcut.NOTE, self.view, lambda: self._say(self.note_wanted), only_focused=True)
        bind(Shortcut.TAKE, self.view, lambda: self._say(self.take_wanted), only_focused=True)
        bind(Shortcut.ASSIGN, self.view, self._ask_assignment, only_focused=True)
        for place in (self.view, self._empty):
            bind(Shortcut.FILTER_HERE, place, self.focus_filter, only_focused=True)

    def show_view(self, title: str, total: int) -> None:
        self._title.setText(title)
        self._count.setText(f"{total:,}" if total else "")
        self._foot.setText(self._words("list.foot", count=total, number=f"{total:,}"))

    def show_rows(self) -> None:
        waited = self._empty.hasFocus()
        self._pages.setCurrentWidget(self.view)
        self._foot.show()
        if waited:
            self.focus_rows()

    def show_empty(self, title: str, hint: str) -> None:
        self._empty.say(title, hint)
        self._pages.setCurrentWidget(self._empty)
        self._foot.hide()

    def mark_open(self, booking_id: str | None) -> None:
        """Which row's conversation is in front."""
        for changed in (self._row.open_id, booking_id):
            self._row.open_id = booking_id
            row = self._model.row_holding(changed) if changed else None
            if row is not None:
                self.view.update(self._model.index(row))

    def current_id(self) -> str | None:
        found = self.view.currentIndex().data(ID_ROLE)
        return found if isinstance(found, str) else None

    def set_current(self, row: int, reveal: bool = True) -> None:
        """Puts the keyboard's row somewhere without opening it; `reveal` scrolls it into sight."""
        self.view.setAutoScroll(reveal)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.view.selectionModel().setCurrentIndex(self._model.index(row), flags)
        self.view.setAutoScroll(True)

    def set_no_current(self) -> None:
        self.view.selectionModel().clearCurrentIndex()
        self.view.selectionModel().clearSelection()

    def anchor(self) -> tuple[int, int] | None:
        """The row number at the top and how far it is scrolled in; None at the very top, where new rows may push."""
        index = self.view.indexAt(QPoint(4, 1))
        if self.view.verticalScrollBar().value() == 0 or not index.isValid():
            return None
        return self._model.number(index.row()), self.view.visualRect(index).top()

    def hold(self, anchor: tuple[int, int] | None) -> None:
        """Scrolls so that the anchor's row is where it was, if it is still listed."""
        if anchor is None:
            return
        row = self._model.row_of(anchor[0])
        if row is not None:
            index = self._model.index(row)
            self.view.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtTop)
            bar = self.view.verticalScrollBar()
            bar.setValue(bar.value() + self.view.visualRect(index).top() - anchor[1])

    @Slot()
    def focus_filter(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    @Slot()
    def focus_rows(self) -> None:
        """The rows; where a filter left none, the filter; before any have come, the place where they will be."""
        target: QWidget = self.filter if self.filter.text() else self._empty
        if self._pages.currentWidget() is self.view:
            target = self.view
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.view.currentIndex().isValid() and self._model.rowCount():
            self.set_current(0)

    def move(self, by: int) -> None:  # type: ignore[override]
        """The keyboard's row goes up or down, and stops at the ends."""
        row = self.view.currentIndex().row() + by
        if 0 <= row < self._model.rowCount():
            self.set_current(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.filter.hasFocus():
            self.filter.clear()
            self.focus_rows()
            return
        if event.key() == Qt.Key.Key_Down and self.filter.hasFocus():
            self.focus_rows()
            return
        super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        booking_id = index.data(ID_ROLE)
        if isinstance(booking_id, str):
            self.booking_chosen.emit(booking_id)

    def _say(self, signal: SignalInstance) -> None:
        """Says it of the keyboard's row; of the open booking where that is in another view."""
        booking_id = self.current_id() or self._row.open_id
        if booking_id:
            signal.emit(booking_id)

    def _ask_assignment(self) -> None:
        booking_id = self.current_id()
        if booking_id:
            rect = self.view.visualRect(self.view.currentIndex())
            self.assign_wanted.emit(booking_id, self.view.viewport().mapToGlobal(rect.center()))

    def _restyle(self) -> None:
        self._glass.setIcon(self._icons.icon("search", self._look.colours.secondary))
        self.view.scheduleDelayedItemsLayout()


class _Rows(QListView):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalScrollBar().setSingleStep(24)

    def dataChanged(self, top: Index, bottom: Index, roles: Sequence[int] = ()) -> None:
        """A row that says something else keeps its height: QListView itself would lay out all 100,000 anew."""
        QAbstractItemView.dataChanged(self, top, bottom, list(roles))

    def keyboardSearch(self, search: str) -> None:
        """Letters are shortcuts here; Qt's own search by the first letter would take them."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
