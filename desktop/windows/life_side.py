"""Joins the life line to the desk: which message it is of, what is known of it, and the words for that."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.state.life_line import LifeLine, LifeStep
from desktop.state.lines import MessageLine
from desktop.widgets.history_list import HistoryStep
from desktop.widgets.life_dialog import LifeDialog, LifeWords
from desktop.windows.conversation_side import ConversationSide
from desktop.windows.surroundings import Surroundings

KNOWN, UNKNOWN = "green", "grey"


class LifeSide(QObject):
    def __init__(self, around: Surroundings, conversation: ConversationSide, parent: QWidget) -> None:
        super().__init__(parent)
        self._around, self._conversation = around, conversation
        self._line: MessageLine | None = None
        self.dialog = LifeDialog(around.look, around.words, parent)
        self.dialog.neighbour_wanted.connect(self._go)
        self.dialog.copied.connect(lambda: around.toast.say(around.words("conversation.copied")))
        conversation.life_wanted.connect(self.open)

    def open_current(self) -> None:
        """Ctrl+I: of the message the keyboard is on, else of the newest of ours, else of the newest."""
        line = self._conversation.line_in_question()
        if line is None:
            self._around.toast.say(self._around.words("life.none"))
        else:
            self.open(line)

    def open(self, line: MessageLine) -> None:
        self._line = line
        self.refresh()
        self.dialog.show()
        self.dialog.shut.setFocus()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def changed(self) -> None:
        """Something happened to a conversation or the outbox: perhaps to this message."""
        if self.dialog.isVisible():
            self.refresh()

    def refresh(self) -> None:
        line = self._line
        if line is None:
            return
        found = self._around.desk.life_line(_operation_of(line))
        earlier, later = self._conversation.line_beside(line, -1), self._conversation.line_beside(line, 1)
        self.dialog.show_life(self._said(line, found), earlier is not None, later is not None)

    def _go(self, by: int) -> None:
        beside = self._conversation.line_beside(self._line, by) if self._line is not None else None
        if beside is not None:
            self._line = beside
            self.refresh()

    def _said(self, line: MessageLine, life: LifeLine | None) -> LifeWords:
        words, sentences = self._around.words, self._around.sentences
        what = f"{sentences.sender(line)}: {sentences.text(line)}"
        if life is None:
            return LifeWords(what, "", (), words("life.none"))
        where = words.left_to_right("  ".join(part for part in (life.booking_code, life.op_id) if part))
        steps = tuple(self._step(step) for step in life.steps)
        return LifeWords(what, where, steps, words.refusal(life.code, life.error))

    def _step(self, step: LifeStep) -> HistoryStep:
        words = self._around.words
        if step.at is None:
            return HistoryStep(words(f"life.{step.name}"), words("life.nothing"), "", UNKNOWN)
        values = {name: value or words("life.somebody") for name, value in step.values.items()}
        proof = words(f"life.{step.proof}", count=step.values.get("attempts", 0), **values)
        return HistoryStep(words(f"life.{step.name}"), self._around.moments.exact(step.at), proof, KNOWN)


def _operation_of(line: MessageLine) -> str:
    """A message's id is its operation's; but a system line was written by the operation of a button, and the first line
    of a booking not yet sent by the one that opens it."""
    return line.op_id if line.op_id and (line.side == "system" or line.position is None) else line.id
