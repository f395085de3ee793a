"""A read-only text over a bubble, to select a part of it by mouse or keys."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QTextEdit

from desktop.widgets.text_direction import direction_of


class TextSelector(QTextEdit):
    """Goes when the focus does, on Escape, and when the view scrolls."""

    def __init__(self, view: QAbstractScrollArea, box: QRect, text: str) -> None:
        super().__init__(view.viewport())
        self._view = view
        self.setProperty("kind", "selector")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        option = self.document().defaultTextOption()
        option.setTextDirection(direction_of(text, self.isRightToLeft()))
        self.document().setDefaultTextOption(option)
        self.setPlainText(text)
        self.setGeometry(box)
        self.selectAll()
        self.show()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        view.verticalScrollBar().valueChanged.connect(self._go)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._go()

    def _go(self) -> None:
        self.hide()
        self.deleteLater()
