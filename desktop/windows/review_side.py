"""Joins the question after an outage to the desk: which presses need a person, and what is decided of each."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.state.lines import BookingDetail, OutboxLine
from desktop.widgets.conflict_card import ConflictWords
from desktop.widgets.review_dialog import ReviewDialog
from desktop.windows.facts_words import FactsWords
from desktop.windows.surroundings import Surroundings

PressAnyway = Callable[[BookingDetail, str, str], None]
"""Presses a step in place of an operation, after what the step asks for."""


class ReviewSide(QObject):
    message_wanted = Signal(str, bool)
    """The booking, and whether it is for colleagues only."""

    def __init__(self, around: Surroundings, parent: QWidget, press_anyway: PressAnyway) -> None:
        super().__init__(parent)
        self._around, self._window, self._press_anyway = around, parent, press_anyway
        self._said = FactsWords(around)
        self._dialog: ReviewDialog | None = None
        self._details: dict[str, BookingDetail] = {}
        """By operation."""

    def open(self) -> None:
        """Once, however often it is asked for; not at all when nothing needs deciding."""
        cards = self._cards()
        if not cards:
            return
        if self._dialog is None:
            around = self._around
            dialog = self._dialog = ReviewDialog(around.look, around.icons, around.words, self._window)
            dialog.kept.connect(lambda op_id: around.attempt(lambda: around.desk.keep_theirs(op_id)))
            dialog.step_chosen.connect(self._step)
            dialog.message_wanted.connect(self._message)
            dialog.finished.connect(self._finished)
        self._dialog.show_cards(cards)
        self._dialog.open()

    def outbox_changed(self) -> None:
        if self._dialog is not None:
            self._dialog.show_cards(self._cards())

    def _finished(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
        self._dialog = None

    def _cards(self) -> list[ConflictWords]:
        """In the order of the clicks."""
        self._details = {}
        found: list[ConflictWords] = []
        for line in self._around.desk.outbox_lines(self._around.words.lang):
            if line.state == "needs_decision" and line.kind == "booking.transition":
                found.append(self._card(line))
        return found

    def _card(self, line: OutboxLine) -> ConflictWords:
        detail = self._around.desk.detail(line.booking_id) if line.booking_id else None
        for card in detail.conflicts if detail else ():
            if detail is not None and card.op_id == line.op_id:
                self._details[line.op_id] = detail
                return self._said.conflict(detail, card)
        words, moments = self._around.words, self._around.moments
        return ConflictWords(
            line.op_id,
            title=words("conflict.gone_title"),
            yours=words("conflict.yours", button=line.what, time=moments.when(line.created_at)),
            theirs=words("conflict.gone"),
            stands="",
            keep=words("conflict.dismiss"),
            steps=(),
        )

    def _step(self, op_id: str, transition: str) -> None:
        self._press_anyway(self._details[op_id], op_id, transition)

    def _message(self, op_id: str) -> None:
        booking = self._details[op_id].booking
        card = next(card for card in self._details[op_id].conflicts if card.op_id == op_id)
        if self._dialog is not None:
            self._dialog.reject()
        self.message_wanted.emit(booking.id, card.by_name != booking.customer_name)
