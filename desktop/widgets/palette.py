"""One input for everything: commands and bookings, found while typing, run with Enter."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.item_models.palette_rows import PaletteRow
from desktop.item_models.roles import ID_ROLE, LINE_ROLE
from desktop.item_models.rows_model import RowsModel
from desktop.widgets.labels import label
from desktop.widgets.look import BODY, SMALL, Look
from desktop.widgets.row_painting import row_painting
from desktop.widgets.words import Words

_MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class Palette(QDialog):
    typed = Signal(str)
    chosen = Signal(str)
    """The key of the row."""

    def __init__(self, look: Look, words: Words, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(look.px(560))
        self.input = QLineEdit()
        self.input.setPlaceholderText(words("palette.placeholder"))
        self.input.setAccessibleName(words("palette.placeholder"))
        self.input.installEventFilter(self)
        self.rows: RowsModel[PaletteRow] = RowsModel(lambda row: f"{row.text} {row.detail}", parent=self)
        self._view = QListView()
        self._view.setModel(self.rows)
        self._view.setItemDelegate(_PaletteRow(look, self._view))
        self._view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._row_height = look.px(40)
        self._nothing = label("secondary", words("palette.nothing"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 8)
        layout.setSpacing(8)
        layout.addWidget(self.input)
        layout.addWidget(self._view)
        layout.addWidget(self._nothing)
        self.input.textChanged.connect(self.typed)
        self.input.returnPressed.connect(self._run)
        self._view.clicked.connect(lambda _: self._run())

    def show_rows(self, rows: Sequence[PaletteRow]) -> None:
        self.rows.show_rows(rows)
        self._nothing.setVisible(not rows)
        self._view.setFixedHeight(self._row_height * len(rows))
        self.adjustSize()
        self._go(0)

    def open_over(self, window: QWidget) -> None:
        """Under the top of the window, empty and ready."""
        self.input.clear()
        self.typed.emit("")
        self.adjustSize()
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - self.width()) // 2, corner.y() + 56)
        self.show()
        self.input.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            by = _MOVES.get(Qt.Key(event.key()))
            if by is not None:
                self._go(self._view.currentIndex().row() + by)
                return True
        return super().eventFilter(watched, event)

    def _go(self, row: int) -> None:
        if 0 <= row < self.rows.rowCount():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self._view.selectionModel().setCurrentIndex(self.rows.index(row), flags)

    def _run(self) -> None:
        key = self._view.currentIndex().data(ID_ROLE)
        if isinstance(key, str):
            self.hide()
            self.chosen.emit(key)


class _PaletteRow(QStyledItemDelegate):
    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(self._look.px(200), self._look.px(40))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = index.data(LINE_ROLE)
        if not isinstance(row, PaletteRow):
            return
        px, colours, box = self._look.px, self._look.colours, QRectF(option.rect)
        with row_painting(painter, option):
            if option.state & QStyle.StateFlag.State_Selected:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colours.selected)
                painter.drawRoundedRect(box, px(7), px(7))
            inner = box.adjusted(px(12), 0, -px(12), 0)
            flags = Qt.AlignmentFlag.AlignVCenter
            painter.setFont(self._look.font(SMALL, 400, tabular=True))
            painter.setPen(colours.secondary)
            taken = painter.fontMetrics().horizontalAdvance(row.detail) + px(16)
            painter.drawText(inner, flags | Qt.AlignmentFlag.AlignTrailing, row.detail)
            painter.setFont(self._look.font(BODY, 500))
            painter.setPen(colours.text)
            room = round(inner.width() - taken)
            shown = painter.fontMetrics().elidedText(row.text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(inner, flags | Qt.AlignmentFlag.AlignLeading, shown)
