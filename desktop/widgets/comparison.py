"""What was done here beside what happened there, line by line."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from desktop.widgets.conflict_words import ConflictWords
from desktop.widgets.labels import begin_with_language, label


class Comparison(QFrame):
    """The keyboard comes here too: to hear it once more, and on a small screen to see it again."""

    looked_at = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("kind", "conflict")
        self._table = QGridLayout(self)
        self._table.setContentsMargins(16, 12, 16, 14)
        self._table.setHorizontalSpacing(18)
        self._table.setVerticalSpacing(8)
        self._table.setColumnStretch(1, 1)
        self._table.setColumnStretch(2, 1)
        self._cells: list[QWidget] = []

    def show_conflict(self, conflict: ConflictWords) -> None:
        self.setAccessibleName(conflict.summary)
        for cell in self._cells:
            cell.hide()
            cell.deleteLater()
        self._cells = []
        self._put(0, 1, "strong", conflict.your_side)
        self._put(0, 2, "strong", conflict.their_side)
        for row, line in enumerate(conflict.compared, start=1):
            self._put(row, 0, "secondary", line.about)
            self._put(row, 1, "value", line.yours, f"{conflict.your_side}, {line.about}")
            self._put(row, 2, "value", line.theirs, f"{conflict.their_side}, {line.about}")

    def _put(self, row: int, column: int, role: str, text: str, heard: str = "") -> None:
        cell = label(role, text, wraps=column > 0)
        begin_with_language(cell, self)
        if heard:
            cell.setAccessibleName(f"{heard}: {text}")
        self._table.addWidget(cell, row, column, Qt.AlignmentFlag.AlignTop)
        cell.show()
        self._cells.append(cell)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.looked_at.emit()
