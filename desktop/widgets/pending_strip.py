"""A status press that is not judged yet: what it is, five seconds to take it back, or what it waits for."""

import time

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from contract.delivery import Delivery
from desktop.state.lines import PendingPress
from desktop.widgets.delivery_glyph import glyph_colour, glyph_width, paint_glyph
from desktop.widgets.labels import label
from desktop.widgets.look import Look
from desktop.widgets.words import Words

UNDO_SECONDS = 5.0


class PendingStrip(QFrame):
    undone = Signal(str)
    """The operation to take back."""
    confirmed = Signal(str)
    """The held operation that may go now."""
    dropped = Signal(str)

    def __init__(self, look: Look, words: Words, press: PendingPress, button: str) -> None:
        super().__init__()
        self._look, self._words, self.press, self._button = look, words, press, button
        self.setProperty("kind", "pending")
        self._text = label("value", wraps=True)
        self._glyph = _Glyph(look, press.delivery)
        self._undo = QPushButton(words("facts.undo"))
        self._yes = QPushButton(words("facts.send_anyway"))
        self._no = QPushButton(words("facts.drop"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 10)
        layout.setSpacing(8)
        layout.addWidget(self._glyph)
        layout.addWidget(self._text, 1)
        for part, signal in ((self._undo, self.undone), (self._yes, self.confirmed), (self._no, self.dropped)):
            part.setProperty("kind", "link")
            part.clicked.connect(lambda _=False, signal=signal: signal.emit(self.press.op_id))
            layout.addWidget(part)
        self._timer = QTimer(self)
        self._timer.setInterval(100)
        self._timer.timeout.connect(self._tick)
        self._tick()
        if press.undo_until is not None:
            self._timer.start()

    @property
    def seconds_left(self) -> float:
        return max(0.0, (self.press.undo_until or 0.0) - time.time())

    def _tick(self) -> None:
        left = self.seconds_left
        held = self.press.delivery == Delivery.HELD and not left
        if not left and self._undo.hasFocus():
            # The button goes, the keyboard stays: not on what comes next, which would be pressed instead.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._undo.setVisible(left > 0)
        self._yes.setVisible(held)
        self._no.setVisible(held)
        if left > 0:
            text = self._words("facts.undo_left", count=int(left) + 1, button=self._button)
        elif held:
            text = self._words("facts.needs_yes", button=self._button)
        elif self.press.delivery == Delivery.QUEUED:
            text = self._words("facts.waits", button=self._button)
        else:
            text = self._words("facts.on_its_way", button=self._button)
        self._text.setText(text)
        self.update()
        if left <= 0:
            self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        left = self.seconds_left
        if left > 0:
            painter = QPainter(self)
            width = self.width() * min(1.0, left / UNDO_SECONDS)
            start = self.width() - width if self.isRightToLeft() else 0.0
            painter.fillRect(QRectF(start, self.height() - 3, width, 3), self._look.colours.accent)


class _Glyph(QWidget):
    def __init__(self, look: Look, state: str) -> None:
        super().__init__()
        self._look = look
        self._state = state
        self.setFixedSize(round(glyph_width(state, look.px(14))) + 1, look.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        side = self._look.px(14)
        box = QRectF(0, 1, glyph_width(self._state, side), side)
        paint_glyph(QPainter(self), box, self._state, glyph_colour(self._state, self._look.colours))
