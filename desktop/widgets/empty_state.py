"""What an empty pane says: that it is empty, and one key that leads on."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop.widgets.icons import Icons
from desktop.widgets.labels import label
from desktop.widgets.look import Look


class EmptyState(QWidget):
    def __init__(self, look: Look, icons: Icons, picture: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._icons = icons
        self._picture = picture
        self._image = QLabel(self)
        self._title = label("heading", wraps=True)
        self._hint = label("secondary", wraps=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 28, 28, 28)
        layout.addStretch(2)
        for part in (self._image, self._title, self._hint):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(part)
        layout.addStretch(3)
        look.changed.connect(self._draw)
        self._draw()

    def say(self, title: str, hint: str = "") -> None:
        self._title.setText(title)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.setAccessibleName(f"{title} {hint}".strip())

    def _draw(self) -> None:
        size = self._look.px(40)
        colour = self._look.colours.disabled
        self._image.setPixmap(self._icons.pixmap(self._picture, colour, size, self.devicePixelRatioF()))
