"""The bottom line of the window: connection, outbox, who waits long, and the server's clock."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from desktop.widgets.connection_badge import ConnectionBadge
from desktop.widgets.icons import Icons
from desktop.widgets.labels import label
from desktop.widgets.look import Look
from desktop.widgets.shortcuts import Shortcut, with_keys
from desktop.widgets.words import Words


class StatusBar(QFrame):
    outbox_pressed = Signal()

    def __init__(self, look: Look, icons: Icons, words: Words) -> None:
        super().__init__()
        self._look, self._icons, self._words = look, icons, words
        self.setObjectName("statusBar")
        self.badge = ConnectionBadge(look)
        self._outbox = QPushButton()
        self._outbox.setProperty("kind", "status")
        self._outbox.setToolTip(with_keys(words("outbox.title"), Shortcut.OUTBOX))
        self._outbox.clicked.connect(self.outbox_pressed)
        self._clock = label("status")
        self._queued = -1
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 3, 14, 3)
        layout.setSpacing(14)
        layout.addWidget(self.badge, 1)
        layout.addWidget(self._outbox)
        layout.addWidget(self._clock)
        look.changed.connect(self._draw)
        self.show_outbox(0)

    def show_outbox(self, queued: int) -> None:
        if queued != self._queued:
            self._queued = queued
            self._outbox.setText(f" {self._words('outbox.button', count=queued)}")
            self._outbox.setProperty("waits", queued > 0)
            self._draw()

    def show_clock(self, text: str) -> None:
        self._clock.setText(text)

    def _draw(self) -> None:
        colours = self._look.colours
        colour = colours.warning if self._queued else colours.secondary
        self._outbox.setIcon(self._icons.icon("clock" if self._queued else "send", colour, self._look.px(15)))
        self._outbox.setIconSize(QSize(self._look.px(15), self._look.px(15)))
        self._outbox.style().unpolish(self._outbox)
        self._outbox.style().polish(self._outbox)
