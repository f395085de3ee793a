"""The bookings list: an order of row numbers, of which only the rows on the screen are ever read."""

from array import array
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QStringListModel, Qt

from desktop.item_models.roles import ID_ROLE, LINE_ROLE
from desktop.state.lines import BookingLine

PAGE = 30
"""Rows read at once around the one asked for."""

Index = QModelIndex | QPersistentModelIndex
ReadLines = Callable[[Sequence[int]], list[BookingLine]]
"""Reads rows by number; a row that is gone meanwhile is left out."""
_FLAGS = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren


class BookingsModel(QStringListModel):
    """Rows come from `read_lines` page by page and are kept until something changes.

    A list of empty strings underneath does the counting in C++: a view asks for the count several times a row, which
    from Python costs 150 ms for 100,000 rows, and so 10.
    """

    def __init__(
        self, read_lines: ReadLines, sentence: Callable[[BookingLine], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._read_lines = read_lines
        self._sentence = sentence
        self._order: array[int] = array("q")
        self._lines: dict[int, BookingLine] = {}
        self._pages: set[int] = set()

    @property
    def total(self) -> int:
        return len(self._order)

    def set_order(self, order: "array[int]") -> None:
        """Another order. The same one again changes nothing: what rows say is `reread`'s business."""
        if order == self._order:
            return
        if len(order) != len(self._order):
            self._order = order
            self._forget()
            self.setStringList([""] * len(order))
            return
        self.beginResetModel()
        self._order = order
        self._forget()
        self.endResetModel()

    def reread(self, ids: frozenset[str] | None = None) -> None:
        """The rows of these bookings, or all, may say something else now. Rows never looked at need no reading."""
        if ids is None:
            self._forget()
            if self._order:
                self.dataChanged.emit(self.index(0), self.index(len(self._order) - 1))
            return
        for row in [row for row, line in self._lines.items() if line.id in ids]:
            found = self._read_lines([self._order[row]])
            if found:
                self._lines[row] = found[0]
                self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, number: int) -> int | None:
        """Where the row number stands in the order."""
        try:
            return self._order.index(number)
        except ValueError:
            return None

    def row_holding(self, booking_id: str) -> int | None:
        """The row of a booking among those read; None where nobody has looked at it."""
        return next((row for row, line in self._lines.items() if line.id == booking_id), None)

    def line(self, row: int) -> BookingLine | None:
        """The row's value, read now if it was not; None where the booking is gone from the store."""
        if row not in self._lines and row // PAGE not in self._pages:
            self._read_page(row // PAGE)
        return self._lines.get(row)

    def number(self, row: int) -> int:
        return self._order[row]

    def flags(self, index: Index) -> Qt.ItemFlag:
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in _ROLES:
            return None
        line = self.line(index.row())
        if line is None or role == LINE_ROLE:
            return line
        if role == ID_ROLE:
            return line.id
        return line.customer_name if role == Qt.ItemDataRole.DisplayRole else self._sentence(line)

    def _forget(self) -> None:
        self._lines.clear()
        self._pages.clear()

    def _read_page(self, page: int) -> None:
        start = page * PAGE
        numbers = self._order[start : start + PAGE]
        found = self._read_lines(numbers)
        self._pages.add(page)
        if len(found) == len(numbers):
            self._lines.update(enumerate(found, start))
            return
        for offset, number in enumerate(numbers):
            self._lines.update((start + offset, line) for line in self._read_lines([number]))


_ROLES = frozenset({LINE_ROLE, ID_ROLE, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole})
