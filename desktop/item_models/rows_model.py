"""A short list of keyed values as Qt rows; becoming another list is told to views as the smallest change."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.item_models.roles import ID_ROLE, LINE_ROLE
from desktop.item_models.row_changes import row_changes

Index = QModelIndex | QPersistentModelIndex


class Keyed(Protocol):
    """A row's value. Its key stays the same for as long as it is the same row."""

    @property
    def key(self) -> str: ...


RowT = TypeVar("RowT", bound=Keyed)


class RowsModel(QAbstractListModel, Generic[RowT]):
    """`sentence` says a row to a screen reader; rows that are not `choosable` are skipped by the keyboard."""

    def __init__(
        self,
        sentence: Callable[[RowT], str],
        choosable: Callable[[RowT], bool] = lambda _: True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._sentence = sentence
        self._choosable = choosable
        self._rows: list[RowT] = []

    @property
    def rows(self) -> Sequence[RowT]:
        return self._rows

    def show_rows(self, rows: Sequence[RowT]) -> None:
        """Becomes `rows`: removes, inserts and tells of changed ones, in that order."""
        change = row_changes([row.key for row in self._rows], [row.key for row in rows])
        start = change.before
        if change.removed:
            self.beginRemoveRows(QModelIndex(), start, start + change.removed - 1)
            del self._rows[start : start + change.removed]
            self.endRemoveRows()
        if change.inserted:
            self.beginInsertRows(QModelIndex(), start, start + change.inserted - 1)
            self._rows[start:start] = rows[start : start + change.inserted]
            self.endInsertRows()
        for place, (old, new) in enumerate(zip(self._rows, rows, strict=True)):
            if old != new:
                self._rows[place] = new
                self.dataChanged.emit(self.index(place), self.index(place))

    def row_of(self, key: str) -> int | None:
        return next((place for place, row in enumerate(self._rows) if row.key == key), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and not self._choosable(self._rows[index.row()]):
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == LINE_ROLE:
            return row
        if role == ID_ROLE:
            return row.key
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._sentence(row)
        return None
