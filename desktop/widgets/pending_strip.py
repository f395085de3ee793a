"""A status press that is not through: what it is, five seconds to take it back, what it waits for, why it failed."""

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
    """The held or refused operation that may go now."""
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
    def state(self) -> str:
        """What its glyph shows."""
        return self._glyph.state

    @property
    def seconds_left(self) -> float:
        return max(0.0, (self.press.undo_until or 0.0) - time.time())

    def _tick(self) -> None:
        left = self.seconds_left
        failed, stuck = self.press.delivery == Delivery.FAILED, self.press.waits_for_another
        held = self.press.delivery == Delivery.HELD and not left
        if not left and self._undo.hasFocus():
            # The button goes, the keyboard stays: not on what comes next, which would be pressed instead.
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._undo.setVisible(left > 0)
        self._yes.setVisible(failed or (held and not stuck))
        self._yes.setText(self._words("outbox.retry" if failed else "facts.send_anyway"))
        self._no.setVisible(failed or held)
        self._text.setText(self._said(left))
        self.update()
        if left <= 0:
            self._timer.stop()

    def _said(self, left: float) -> str:
        press, words = self.press, self._words
        if left > 0:
            return words("facts.undo_left", count=int(left) + 1, button=self._button)
        if press.delivery == Delivery.FAILED:
            why = words.refusal(press.code, press.error) or words("facts.no_reason")
            return words("facts.press_refused", button=self._button, why=why)
        if press.delivery == Delivery.HELD:
            key = "facts.waits_for_another" if press.waits_for_another else "facts.needs_yes"
        else:
            key = "facts.waits" if press.delivery == Delivery.QUEUED else "facts.on_its_way"
        return words(key, button=self._button)

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
        self.state = state
        self.setFixedSize(round(glyph_width(state, look.px(14))) + 1, look.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        side = self._look.px(14)
        box = QRectF(0, 1, glyph_width(self.state, side), side)
        paint_glyph(QPainter(self), box, self.state, glyph_colour(self.state, self._look.colours))
