"""Labels by role: the type scale of the desk as widgets, restyled when the look changes."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop.widgets.text_direction import direction_of, one_line


def label(role: str, text: str = "", wraps: bool = False, parent: QWidget | None = None) -> QLabel:
    """A QLabel whose looks the style sheet gives by `role` (title, heading, body, secondary, small, strong …).

    Its text is always plain: what customers write is never taken for markup.
    """
    made = QLabel(text, parent)
    made.setProperty("role", role)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    if not wraps:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return made


def begin_with_language(shown: QLabel, dialog: QWidget) -> None:
    """A code, an id, a Latin name run left to right; in an Arabic dialog they stand at the right all the same."""
    side = Qt.AlignmentFlag.AlignRight if dialog.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
    shown.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute)


class ElidedLabel(QLabel):
    """One line that gives way: cut with an ellipsis, the whole in the tooltip."""

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = one_line(self.text())
        painter.setLayoutDirection(direction_of(text, self.isRightToLeft()))
        shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self.contentsRect().width())
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        self.style().drawItemText(
            painter, self.contentsRect(), flags, self.palette(), True, shown, self.foregroundRole()
        )
        self.setToolTip(text if shown != text else "")
