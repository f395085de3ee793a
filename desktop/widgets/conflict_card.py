"""A press of ours that the world overtook: who did what instead, when, and the legal next steps as buttons."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from desktop.widgets.icons import Icons
from desktop.widgets.labels import label
from desktop.widgets.look import Look
from desktop.widgets.words import Words


@dataclass(frozen=True, slots=True)
class ConflictWords:
    """A conflict in words, ready to show."""

    op_id: str
    title: str
    yours: str
    theirs: str
    stands: str
    keep: str
    steps: tuple[tuple[str, str], ...]
    """Transition and label of what may be pressed now."""
    message: str = ""
    """Label of the button that writes to whoever was quicker; empty: nobody to write to."""


class ConflictBox(QFrame):
    step_chosen = Signal(str, str)
    """The operation and the transition pressed instead."""
    kept = Signal(str)
    """The operation that is given up."""
    message_wanted = Signal(str)
    """The operation about which to write to whoever was quicker."""

    def __init__(self, look: Look, icons: Icons, words: Words, conflict: ConflictWords) -> None:
        super().__init__()
        self.conflict = conflict
        self.setProperty("kind", "conflict")
        self.setAccessibleName(f"{conflict.title} {conflict.yours} {conflict.theirs} {conflict.stands}")
        mark = QLabel()
        mark.setPixmap(icons.pixmap("git-compare-arrows", look.colours.danger, look.px(18), self.devicePixelRatioF()))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(mark)
        head.addWidget(label("strong", conflict.title, wraps=True), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 14)
        layout.setSpacing(6)
        layout.addLayout(head)
        for text in filter(None, (conflict.yours, conflict.theirs, conflict.stands)):
            layout.addWidget(label("value", text, wraps=True))
        layout.addSpacing(2)
        none = words("conflict.nothing_possible")
        layout.addWidget(label("secondary", words("conflict.now_possible") if conflict.steps else none, wraps=True))
        self.buttons = self._steps(conflict.steps)
        for button in self.buttons:
            layout.addWidget(button)

    def _steps(self, steps: Sequence[tuple[str, str]]) -> list[QPushButton]:
        keep = QPushButton(self.conflict.keep)
        keep.setProperty("kind", "primary")
        keep.clicked.connect(lambda: self.kept.emit(self.conflict.op_id))
        made = [keep]
        for transition, text in steps:
            button = QPushButton(text)
            button.clicked.connect(lambda _=False, name=transition: self.step_chosen.emit(self.conflict.op_id, name))
            made.append(button)
        if self.conflict.message:
            write = QPushButton(self.conflict.message)
            write.clicked.connect(lambda: self.message_wanted.emit(self.conflict.op_id))
            made.append(write)
        return made
