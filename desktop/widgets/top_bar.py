"""The top line of the window: the name, the way to everything (Ctrl+K), and who is signed in."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton

from desktop.widgets.avatar import paint_avatar
from desktop.widgets.icons import Icons
from desktop.widgets.labels import label
from desktop.widgets.look import Look
from desktop.widgets.shortcuts import Shortcut
from desktop.widgets.words import Words


class TopBar(QFrame):
    search_pressed = Signal()
    menu_pressed = Signal()

    def __init__(self, look: Look, icons: Icons, words: Words) -> None:
        super().__init__()
        self._look, self._icons, self._words = look, icons, words
        self.setObjectName("topBar")
        self._name = ""
        self._brand = QLabel()
        self._search = QPushButton()
        self._search.setProperty("kind", "search")
        self._search.setText(f" {words('top.search')}    {Shortcut.PALETTE.value.shown}")
        self._search.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.me = QToolButton()
        self.me.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.me.setToolTip(words("top.menu"))
        self._search.clicked.connect(self.search_pressed)
        self.me.clicked.connect(self.menu_pressed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 7, 10, 7)
        layout.setSpacing(10)
        layout.addWidget(self._brand)
        layout.addWidget(label("brand", words("app.name")))
        layout.addStretch(1)
        layout.addWidget(self._search, 2)
        layout.addStretch(1)
        layout.addWidget(self.me)
        look.changed.connect(self._draw)
        self._draw()

    def show_person(self, name: str, role: str) -> None:
        self._name = name
        self.me.setText(f" {name}")
        self.me.setAccessibleName(f"{self._words('top.menu')}: {name}, {role}")
        self._draw()

    def _draw(self) -> None:
        look, ratio = self._look, self.devicePixelRatioF()
        self._brand.setPixmap(self._icons.pixmap("fieldline", look.colours.accent, look.px(24), ratio))
        self._search.setIcon(self._icons.icon("search", look.colours.secondary, look.px(16)))
        self._search.setIconSize(QSize(look.px(16), look.px(16)))
        side = look.px(26)
        disc = QPixmap(round(side * ratio), round(side * ratio))
        disc.setDevicePixelRatio(ratio)
        disc.fill(Qt.GlobalColor.transparent)
        if self._name:
            painter = QPainter(disc)
            paint_avatar(painter, QRectF(0, 0, side, side), self._name, look)
            painter.end()
        self.me.setIcon(QIcon(disc))
        self.me.setIconSize(QSize(side, side))
