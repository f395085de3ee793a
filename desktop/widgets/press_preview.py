"""The system message that a button will post, exactly as the customer will read it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout

from desktop.widgets.labels import label
from desktop.widgets.text_direction import direction_of
from desktop.widgets.words import Words


class PressPreview(QFrame):
    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.setProperty("kind", "preview")
        self._head = label("secondary", wraps=True)
        self._text = label("value", wraps=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 9, 12, 10)
        layout.setSpacing(3)
        layout.addWidget(self._head)
        layout.addWidget(self._text)
        self.show_hint()

    def show_hint(self) -> None:
        """No button is looked at."""
        self._head.setText(self._words("facts.preview_hint"))
        self._text.hide()

    def show_text(self, head: str, text: str) -> None:
        """`text` runs in its own direction, whatever the window's is."""
        direction = direction_of(text, self.isRightToLeft())
        self._head.setText(head)
        self._text.setText(text)
        self._text.setLayoutDirection(direction)
        right = direction == Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self._text.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignTop)
        self._text.setVisible(bool(text))
        self.setAccessibleDescription(f"{head} {text}")
