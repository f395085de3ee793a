"""Every key of the desk on one page, printed from the table that binds them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.widgets.labels import label
from desktop.widgets.shortcuts import PLACES, Shortcut
from desktop.widgets.words import Words


class ShortcutSheet(QDialog):
    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = words
        self.setWindowTitle(words("sheet.title"))
        left, right = QVBoxLayout(), QVBoxLayout()
        left.setSpacing(8)
        right.setSpacing(8)
        for place in PLACES:
            column = left if place in ("everywhere", "conflict") else right
            column.addWidget(label("section", words(f"sheet.{place}")))
            column.addLayout(self._table(place))
            column.addSpacing(10)
        columns = QHBoxLayout()
        columns.setSpacing(40)
        for column in (left, right):
            column.addStretch(1)
            columns.addLayout(column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 22, 28, 22)
        layout.setSpacing(12)
        layout.addWidget(label("title", words("sheet.title")))
        layout.addLayout(columns)

    def _table(self, place: str) -> QGridLayout:
        table = QGridLayout()
        table.setHorizontalSpacing(24)
        table.setVerticalSpacing(5)
        table.setColumnStretch(1, 1)
        listed = [shortcut for shortcut in Shortcut if shortcut.value.place == place]
        for row, shortcut in enumerate(listed):
            keys = label("key", shortcut.value.shown)
            keys.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            said = self._words(f"key.{shortcut.name.lower()}")
            keys.setAccessibleName(f"{said}: {shortcut.value.shown}")
            table.addWidget(keys, row, 0, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
            table.addWidget(label("value", said), row, 1)
        return table
