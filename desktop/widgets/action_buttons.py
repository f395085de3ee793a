"""The workflow's buttons, numbered for the keyboard; resting on one shows the message that it will post."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QIcon, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.widgets.look import TINY, Look
from desktop.widgets.shortcuts import Shortcut
from desktop.widgets.words import Words


@dataclass(frozen=True, slots=True)
class ButtonFace:
    """One button as it is shown. `denied` says why it cannot be pressed now."""

    transition: str
    label: str
    danger: bool = False
    asks: bool = False
    """Opens a dialog first: a reason, a confirmation."""
    denied: str = ""


class ActionButtons(QWidget):
    pressed = Signal(str)
    """The transition's name."""
    looked_at = Signal(str)
    """The transition under the mouse or the focus; empty when none is."""

    def __init__(self, look: Look, words: Words) -> None:
        super().__init__()
        self._look = look
        self._words = words
        self._faces: tuple[ButtonFace, ...] = ()
        self._buttons: list[ActionButton] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        look.changed.connect(self._redraw)

    @property
    def shown(self) -> list["ActionButton"]:
        return self._buttons[: len(self._faces)]

    def show_buttons(self, faces: Sequence[ButtonFace]) -> None:
        """The same faces again change nothing, so that a press or the focus is never interrupted."""
        if tuple(faces) == self._faces:
            return
        self._faces = tuple(faces)
        held = next((button for button in self._buttons if button.hasFocus()), None)
        was = held.face.transition if held else ""
        while len(self._buttons) < len(faces):
            self._buttons.append(self._made())
        for place, button in enumerate(self._buttons):
            if place < len(faces):
                self._dress(button, place, faces[place])
            button.setVisible(place < len(faces))
        if held is not None and held.face.transition != was:
            self._follow(held, was)

    def _follow(self, held: "ActionButton", was: str) -> None:
        """What the keyboard was on is another button now: the next key must not press what nobody has looked at."""
        same = next((button for button in self.shown if button.face.transition == was), None)
        if same is not None:
            same.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            held.clearFocus()

    def press_nth(self, place: int) -> None:
        """What Ctrl+Shift+digit does: the same as a click."""
        if place < len(self.shown) and self.shown[place].isEnabled():
            self.shown[place].click()

    def _made(self) -> "ActionButton":
        button = ActionButton()
        button.chosen.connect(self.pressed)
        button.looked_at.connect(self.looked_at)
        self._layout.addWidget(button)
        return button

    def _dress(self, button: "ActionButton", place: int, face: ButtonFace) -> None:
        kind = "danger-action" if face.danger else "primary-action" if place == 0 else "action"
        sequences = Shortcut.PRESS.value.sequences
        button.wear(face, kind, sequences[place] if place < len(sequences) else "")
        self._number(place, button)

    def _redraw(self) -> None:
        for place, button in enumerate(self.shown):
            self._number(place, button)

    def _number(self, place: int, button: "ActionButton") -> None:
        colours, kind = self._look.colours, button.property("kind")
        colour = {"primary-action": colours.on_accent, "danger-action": colours.danger}.get(kind, colours.text)
        colour = colour if button.isEnabled() else colours.secondary
        button.setIconSize(QSize(self._look.px(18), self._look.px(18)))
        button.setIcon(_number_cap(str(place + 1), colour, self._look, self.devicePixelRatioF()))


class ActionButton(QPushButton):
    chosen = Signal(str)
    looked_at = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.face = ButtonFace("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.chosen.emit(self.face.transition))

    def wear(self, face: ButtonFace, kind: str, keys: str) -> None:
        """Becomes another button; the style is looked up anew only where the kind is another."""
        self.face = face
        self.setText(face.label + ("…" if face.asks else ""))
        self.setEnabled(not face.denied)
        self.setToolTip(face.denied or f"{face.label}  ({keys})")
        self.setAccessibleDescription(keys)
        if self.property("kind") != kind:
            self.setProperty("kind", kind)
            self.style().unpolish(self)
            self.style().polish(self)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Enter:
            self.looked_at.emit(self.face.transition)
        elif event.type() == QEvent.Type.Leave and not self.hasFocus():
            self.looked_at.emit("")
        return super().event(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """One press: after the first click another button may stand here."""
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.looked_at.emit(self.face.transition)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.looked_at.emit("")


def _number_cap(text: str, colour: QColor, look: Look, ratio: float) -> QIcon:
    """A digit in a small frame, like a key."""
    side = look.px(18)
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = QColor(colour)
    edge.setAlphaF(0.55)
    painter.setPen(edge)
    painter.drawRoundedRect(QRectF(0.5, 0.5, side - 1, side - 1), look.px(4), look.px(4))
    painter.setPen(colour)
    painter.setFont(look.font(TINY, 600, tabular=True))
    painter.drawText(QRectF(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Disabled)
    return icon
