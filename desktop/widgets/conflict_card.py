"""A press of ours that the world overtook, beside its booking: who did what instead, when, and what can be decided."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from desktop.widgets.conflict_words import ConflictWords
from desktop.widgets.icons import Icons
from desktop.widgets.labels import label
from desktop.widgets.look import Look
from desktop.widgets.words import Words


class ConflictBox(QFrame):
    decided = Signal(str, object)
    """The operation and the Choice."""
    review_wanted = Signal(str)
    """The operation, of which more hangs on the decision than a button can say."""

    def __init__(self, look: Look, icons: Icons, words: Words, conflict: ConflictWords) -> None:
        super().__init__()
        self.conflict = conflict
        self.setProperty("kind", "conflict")
        self.setAccessibleName(conflict.summary)
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
        for text in filter(None, (conflict.yours, conflict.theirs, conflict.stands, conflict.text_waits)):
            layout.addWidget(label("value", text, wraps=True))
        layout.addSpacing(2)
        if not conflict.text_waits:
            can_step = any(offered.choice.verb == "step" for offered in conflict.choices)
            possible = words("conflict.now_possible" if can_step else "conflict.nothing_possible")
            layout.addWidget(label("secondary", possible, wraps=True))
        self.buttons = [self._review(words)] if conflict.text_waits else self._choices()
        self.buttons[0].setProperty("kind", "primary")
        for button in self.buttons:
            layout.addWidget(button)

    def _review(self, words: Words) -> QPushButton:
        button = QPushButton(words("conflict.decide"))
        button.clicked.connect(lambda: self.review_wanted.emit(self.conflict.op_id))
        return button

    def _choices(self) -> list[QPushButton]:
        made = []
        for offered in self.conflict.choices:
            button = QPushButton(offered.short)
            button.setAccessibleDescription(offered.whole)
            button.clicked.connect(
                lambda _=False, choice=offered.choice: self.decided.emit(self.conflict.op_id, choice)
            )
            made.append(button)
        return made
