"""Joins the question after an outage to the desk: which presses need a person, and what is decided of each."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.state.overtaken import Choice
from desktop.widgets.conflict_words import ConflictWords
from desktop.widgets.review_dialog import ReviewDialog
from desktop.windows.conflict_sentences import ConflictSentences
from desktop.windows.deciding import Deciding, Outcome, Undecided
from desktop.windows.surroundings import Surroundings


class ReviewSide(QObject):
    message_wanted = Signal(str, bool)
    """The booking, and whether it is for colleagues only."""

    def __init__(self, around: Surroundings, parent: QWidget, deciding: Deciding) -> None:
        super().__init__(parent)
        self._around, self._window, self._deciding = around, parent, deciding
        self._said = ConflictSentences(around)
        self._dialog: ReviewDialog | None = None
        self._undecided: dict[str, Undecided] = {}
        """By operation, in the order of the clicks."""

    def open(self, front: str | None = None) -> bool:
        """Once, however often it is asked for, with `front`'s operation first; not at all, and False, when nothing
        needs deciding."""
        said = self._look_up()
        if not said:
            return False
        if self._dialog is None:
            around = self._around
            dialog = self._dialog = ReviewDialog(around.look, around.words, self._count_alike, self._window)
            dialog.decided.connect(self._decide)
            dialog.finished.connect(self._finished)
            dialog.tell("")
        self._dialog.show_conflicts(said, front)
        self._dialog.open()
        return True

    def changed(self, booking_id: str | None = None) -> None:
        """The outbox, or the conversation of a booking: whose customer may have read on."""
        if self._dialog is None or self._deciding.is_busy:
            return
        asked_about = {each.detail.booking.id for each in self._undecided.values() if each.detail}
        if booking_id is None or booking_id in asked_about:
            self._dialog.show_conflicts(self._look_up())

    def _finished(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
        self._dialog = None

    def _look_up(self) -> list[ConflictWords]:
        self._undecided = {}
        said: list[ConflictWords] = []
        for line in self._around.desk.outbox_lines(self._around.words.lang):
            if line.state != "needs_decision" or line.kind != "booking.transition":
                continue
            detail = self._around.desk.detail(line.booking_id) if line.booking_id else None
            card = next((card for card in detail.conflicts if card.op_id == line.op_id), None) if detail else None
            self._undecided[line.op_id] = Undecided(line.op_id, card, detail if card else None)
            said.append(self._said.of(detail, card) if detail and card else self._said.gone(line))
        return said

    def _alike(self, op_id: str) -> list[Undecided]:
        front = self._undecided[op_id]
        return [each for each in self._undecided.values() if each is not front and each.is_like(front)]

    def _count_alike(self, op_id: str, choice: Choice | None) -> tuple[int, int]:
        others = self._alike(op_id)
        if choice is None:
            return len(others), 0
        able = [each for each in others if choice in each.choices]
        return (0, 0) if choice.verb == "ask" else (len(able), len(others) - len(able))

    def _decide(self, op_id: str, choice: Choice, for_all: bool) -> None:
        front = self._undecided[op_id]
        if choice.verb == "ask":
            self._message(front)
            return
        these = [front, *self._alike(op_id)] if for_all else [front]
        self._deciding.decide(these, choice, self._decided, self._dialog)

    def _decided(self, outcome: Outcome) -> None:
        words = self._around.words
        news = [words("review.done", count=outcome.done)] if outcome.done else []
        news += [words("review.stays", count=outcome.stays)] if outcome.stays else []
        told = " ".join([*news, outcome.why]).strip()
        if self._dialog is not None:
            self._dialog.tell(told)
            self.changed()
        if self._dialog is None:
            self._around.toast.say(told)

    def _message(self, undecided: Undecided) -> None:
        if self._dialog is not None:
            self._dialog.reject()
        if undecided.card is not None and undecided.detail is not None:
            booking = undecided.detail.booking
            self.message_wanted.emit(booking.id, not undecided.card.is_theirs)
