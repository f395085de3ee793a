"""The top of a conversation: whose it is, which booking, its status, and who else is looking."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.widgets.avatar import paint_avatar
from desktop.widgets.icons import Icons
from desktop.widgets.labels import ElidedLabel
from desktop.widgets.look import SMALL, Look
from desktop.widgets.shortcuts import Shortcut, with_keys
from desktop.widgets.status_pill import Statuses, StatusPill
from desktop.widgets.words import Words


class ConversationHead(QFrame):
    code_pressed = Signal()
    facts_toggled = Signal()

    def __init__(self, look: Look, icons: Icons, words: Words, statuses: Statuses) -> None:
        super().__init__()
        self._look, self._icons, self._words = look, icons, words
        self.setObjectName("conversationHead")
        self._face = _Face(look)
        self._about = ElidedLabel("secondary")
        self._name = ElidedLabel("title")
        self._code = _Code(look)
        self._code.setProperty("kind", "code")
        self._code.setToolTip(words("conversation.copy_code"))
        self._code.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._pill = StatusPill(look, statuses, words)
        self._eyes = Companions(look, words)
        self._facts = QToolButton()
        self._facts.setToolTip(with_keys(words("conversation.facts"), Shortcut.FACTS))
        self._facts.setAccessibleName(words("conversation.facts"))
        self._code.clicked.connect(self.code_pressed)
        self._facts.clicked.connect(self.facts_toggled)
        self._build()
        look.changed.connect(self._draw)
        self._draw()

    def _build(self) -> None:
        under = QHBoxLayout()
        under.setContentsMargins(0, 0, 0, 0)
        under.setSpacing(2)
        under.addWidget(self._code)
        under.addWidget(self._about, 1)
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(self._name)
        names.addLayout(under)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 9, 10, 9)
        layout.setSpacing(12)
        layout.addWidget(self._face)
        layout.addLayout(names, 1)
        layout.addWidget(self._eyes)
        layout.addWidget(self._pill)
        layout.addWidget(self._facts)

    def show_booking(self, name: str, code: str, about: str) -> None:
        """`about` is the kind of business, such as the workflow's title."""
        self._name.setText(name or self._words("row.nameless"))
        self._face.show_name(name or code)
        self._code.setText(code)
        self._about.setText(f"· {about}")

    def show_status(self, workflow: str, status: str, pending: str | None) -> None:
        self._pill.show_status(workflow, status, pending)

    def show_companions(self, names: Sequence[str]) -> None:
        self._eyes.show_names(names)

    def _draw(self) -> None:
        self._facts.setIcon(self._icons.icon("panel-right", self._look.colours.secondary, self._look.px(20)))
        self._facts.setIconSize(QSize(self._look.px(20), self._look.px(20)))


class _Code(QPushButton):
    """As wide as its text: it stands in a line of words. Cut in the middle where there is no room."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._look.font(SMALL, 400, tabular=True))
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), self._look.colours
        font = QFont(self._look.font(SMALL, 400, tabular=True))
        font.setUnderline(self.underMouse() or self.hasFocus())
        painter.setFont(font)
        painter.setPen(colours.accent if self.underMouse() or self.hasFocus() else colours.secondary)
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


class _Face(QWidget):
    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._name = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_name(self, name: str) -> None:
        self._name = name
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._look.px(36), self._look.px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        side = self._look.px(36)
        paint_avatar(QPainter(self), QRectF(0, (self.height() - side) / 2, side, side), self._name, self._look)


class Companions(QWidget):
    """Who else has this booking open, as overlapping discs; their names in words."""

    def __init__(self, look: Look, words: Words) -> None:
        super().__init__()
        self._look = look
        self._words = words
        self._names: list[str] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_names(self, names: Sequence[str]) -> None:
        self._names = list(names)[:4]
        said = self._words("conversation.and").join(names)
        spoken = self._words("conversation.looking", count=len(names), names=said) if names else ""
        self.setToolTip(spoken)
        self.setAccessibleName(spoken)
        self.setVisible(bool(names))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        step = self._look.px(18)
        return QSize(step * max(0, len(self._names) - 1) + self._look.px(26), self._look.px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self._look.px(24)
        for place, name in enumerate(self._names):
            box = QRectF(place * self._look.px(18) + 1, 1, side, side)
            paint_avatar(painter, box, name, self._look)
            painter.setPen(QPen(self._look.colours.surface, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(box)
