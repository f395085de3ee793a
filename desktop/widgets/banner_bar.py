"""Sentences across the top of the window that must not be missed, each with what can be done about it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.widgets.icons import Icons
from desktop.widgets.labels import ElidedLabel
from desktop.widgets.link_words import Banner
from desktop.widgets.look import Look
from desktop.widgets.words import Words

MOST = 2
"""Banners shown at once; the rest wait for these to go."""


class BannerBar(QWidget):
    action_pressed = Signal(str)

    def __init__(self, look: Look, icons: Icons, words: Words) -> None:
        super().__init__()
        self._rows = [_Row(look, icons, words) for _ in range(MOST)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        for row in self._rows:
            row.action_pressed.connect(self.action_pressed)
            layout.addWidget(row)
        self.hide()

    def show_banners(self, banners: Sequence[Banner]) -> None:
        """The gravest ones. A countdown only changes its words; buttons keep the focus."""
        for place, row in enumerate(self._rows):
            row.show_banner(banners[place] if place < len(banners) else None)
        self.setVisible(bool(banners))


class _Row(QFrame):
    action_pressed = Signal(str)

    def __init__(self, look: Look, icons: Icons, words: Words) -> None:
        super().__init__()
        self._look, self._icons, self._words = look, icons, words
        self._shown: Banner | None = None
        self._picture = QLabel()
        self._text = ElidedLabel("banner")
        self._buttons: list[QPushButton] = []
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(16, 5, 10, 5)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._picture)
        self._layout.addWidget(self._text, 1)
        self.hide()

    def show_banner(self, banner: Banner | None) -> None:
        before, self._shown = self._shown, banner
        self.setVisible(banner is not None)
        if banner is None or banner == before:
            return
        self._text.setText(banner.text)
        if before is None or (before.tone, before.actions) != (banner.tone, banner.actions):
            self._rebuild(banner)
            _announce(self, banner.text, banner.urgent)

    def _rebuild(self, banner: Banner) -> None:
        self.setProperty("kind", f"banner-{banner.tone}")
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        for name in banner.actions:
            button = QPushButton(self._words(f"banner.{name}"))
            button.setProperty("kind", "banner")
            button.clicked.connect(lambda _=False, name=name: self.action_pressed.emit(name))
            self._buttons.append(button)
            self._layout.addWidget(button)
        colour = self._look.colours.banners[banner.tone][1]
        size = self._look.px(16)
        self._picture.setPixmap(self._icons.pixmap(banner.picture, colour, size, self.devicePixelRatioF()))
        for part in (self, self._text, *self._buttons):
            part.style().unpolish(part)
            part.style().polish(part)


def _announce(widget: QWidget, text: str, urgent: bool) -> None:
    """Tells a screen reader; without one this does nothing."""
    if QAccessible.isActive():
        event = QAccessibleAnnouncementEvent(widget, text)
        level = QAccessible.AnnouncementPoliteness
        event.setPoliteness(level.Assertive if urgent else level.Polite)
        QAccessible.updateAccessibility(event)
