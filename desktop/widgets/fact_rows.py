"""Facts as pairs of a name and a value; a value can be selected and copied."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop.widgets.labels import label
from desktop.widgets.text_direction import direction_of


class FactRows(QWidget):
    """Labels are used again for the next booking: making and styling them is what takes time."""

    def __init__(self) -> None:
        super().__init__()
        self._pairs: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnStretch(1, 1)

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [(name.text(), value.text()) for name, value in self._pairs if not name.isHidden()]

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Pairs in order; those without a value are left out."""
        wanted = [(name, value) for name, value in facts if value]
        while len(self._pairs) < len(wanted):
            self._pairs.append(self._made(len(self._pairs)))
        for place, (name, value) in enumerate(self._pairs):
            if place < len(wanted):
                self._fill(name, value, *wanted[place])
            name.setVisible(place < len(wanted))
            value.setVisible(place < len(wanted))

    def _made(self, row: int) -> tuple[QLabel, QLabel]:
        name, value = label("field"), label("value", wraps=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for column, part in enumerate((name, value)):
            self._grid.addWidget(part, row, column, Qt.AlignmentFlag.AlignTop)
        return name, value

    def _fill(self, name: QLabel, value: QLabel, said: str, text: str) -> None:
        if (name.text(), value.text()) == (said, text):
            return
        name.setText(said)
        value.setText(text)
        value.setLayoutDirection(direction_of(text, self.isRightToLeft()))
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        value.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignTop)
        value.setAccessibleName(f"{said}: {text}")
