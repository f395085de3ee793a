"""The outbox as a list with what can be done about each item: retry, edit, discard, open its booking."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QListView,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.item_models.outbox_rows import OutboxRow
from desktop.item_models.roles import LINE_ROLE
from desktop.item_models.rows_model import RowsModel
from desktop.state.lines import OutboxLine
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.icons import Icons
from desktop.widgets.labels import label
from desktop.widgets.look import Look
from desktop.widgets.moments import Moments
from desktop.widgets.outbox_row import OutboxRowPainter
from desktop.widgets.row_sentences import RowSentences
from desktop.widgets.words import Words

_NAMES = ("show", "edit", "retry", "discard")


class OutboxPanel(QDialog):
    """Not modal: work goes on beside it."""

    action_pressed = Signal(str, object)
    """show, edit, retry or discard, with the OutboxLine."""

    def __init__(
        self, look: Look, icons: Icons, words: Words, moments: Moments, sentences: RowSentences, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._words = words
        self.setWindowTitle(words("outbox.title"))
        self.resize(look.px(620), look.px(440))
        self.rows: RowsModel[OutboxRow] = RowsModel(lambda row: sentences.outbox(row.line), parent=self)
        self.view = QListView()
        self.view.setAccessibleName(words("outbox.title"))
        self.view.setModel(self.rows)
        self.view.setItemDelegate(OutboxRowPainter(look, words, moments, self.view))
        self.view.setUniformItemSizes(True)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._empty = EmptyState(look, icons, "circle-check")
        self._empty.say(words("outbox.empty_title"), words("outbox.empty_hint"))
        self._pages = QStackedWidget()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self._empty)
        self._summary = label("secondary")
        self.buttons = {name: QPushButton(words(f"outbox.{name}")) for name in _NAMES}
        self._build()
        self.view.selectionModel().currentChanged.connect(lambda *_: self._offer())
        self.view.activated.connect(lambda _: self._press("show"))

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(20, 16, 20, 10)
        head.addWidget(label("title", self._words("outbox.title")))
        head.addStretch(1)
        head.addWidget(self._summary)
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 10, 20, 14)
        foot.setSpacing(8)
        self.buttons["discard"].setProperty("kind", "danger")
        for name, button in self.buttons.items():
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, name=name: self._press(name))
            if name == "discard":
                foot.addStretch(1)
            foot.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._pages, 1)
        layout.addLayout(foot)

    def show_rows(self, rows: Sequence[OutboxRow]) -> None:
        self.rows.show_rows(rows)
        self._pages.setCurrentWidget(self.view if rows else self._empty)
        self._summary.setText(self._words("outbox.summary", count=len(rows)) if rows else "")
        if rows and not self.view.currentIndex().isValid():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.view.selectionModel().setCurrentIndex(self.rows.index(0), flags)
        self._offer()

    def focus_rows(self) -> None:
        self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _current(self) -> OutboxLine | None:
        row = self.view.currentIndex().data(LINE_ROLE)
        return row.line if isinstance(row, OutboxRow) else None

    def _offer(self) -> None:
        """Only what makes sense for the chosen item can be pressed."""
        line = self._current()
        self.buttons["show"].setEnabled(bool(line and line.booking_id))
        self.buttons["edit"].setEnabled(bool(line and line.can_edit))
        self.buttons["retry"].setEnabled(bool(line and line.state not in {"sending", "blocked"}))
        self.buttons["discard"].setEnabled(bool(line and line.state != "sending"))
        held = bool(line and line.state == "held")
        self.buttons["retry"].setText(self._words("outbox.confirm" if held else "outbox.retry"))

    def _press(self, name: str) -> None:
        line = self._current()
        if line is not None and self.buttons[name].isEnabled():
            self.action_pressed.emit(name, line)
