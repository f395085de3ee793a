"""The buttons at the foot of a dialog, in one row: what ends it stands at the row's end, the last one leads on."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QPushButton


def button_row(*ending: QPushButton, beginning: Sequence[QPushButton] = ()) -> QHBoxLayout:
    row = QHBoxLayout()
    for button in beginning:
        row.addWidget(button)
    row.addStretch(1)
    for button in ending:
        row.addWidget(button)
    return row
