"""The life line of one message: each step with its moment and the evidence for it, to look at and to copy."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout, QWidget

from desktop.widgets.button_row import button_row
from desktop.widgets.history_list import HistoryList, HistoryStep
from desktop.widgets.labels import ElidedLabel, begin_with_language, label
from desktop.widgets.look import Look
from desktop.widgets.words import Words

WIDTH = 460


@dataclass(frozen=True, slots=True)
class LifeWords:
    """The dialog's sentences about one message."""

    what: str
    where: str
    """The booking and the operation's id."""
    steps: tuple[HistoryStep, ...]
    trouble: str = ""

    def as_text(self) -> str:
        """For the clipboard: the same, line by line."""
        steps = [" · ".join(part for part in (step.what, step.who, step.why) if part) for step in self.steps]
        return "\n".join(part for part in (self.what, self.where, *steps, self.trouble) if part)


class LifeDialog(QDialog):
    """Stays open beside the work and is shown anew when something happens."""

    neighbour_wanted = Signal(int)
    """-1: the message before, 1: the one after."""
    copied = Signal()

    def __init__(self, look: Look, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._said = LifeWords("", "", ())
        self.setWindowTitle(words("life.title"))
        self.setMinimumWidth(look.px(WIDTH))
        self._what = ElidedLabel("strong")
        self._where = label("foot")
        self._where.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        begin_with_language(self._where, self)
        self._where.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.steps = HistoryList(look, words("life.title"))
        self._trouble = label("error", wraps=True)
        self.earlier, self.later = QPushButton(words("life.earlier")), QPushButton(words("life.later"))
        self.copy, self.shut = QPushButton(words("life.copy")), QPushButton(words("life.close"))
        self._build(words)

    def _build(self, words: Words) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(6)
        layout.addWidget(label("title", words("life.title")))
        layout.addWidget(self._what)
        layout.addWidget(self._where)
        layout.addSpacing(10)
        layout.addWidget(self.steps)
        layout.addWidget(self._trouble)
        layout.addSpacing(10)
        for button, keys, by in ((self.earlier, "Up", -1), (self.later, "Down", 1)):
            button.setProperty("kind", "link")
            button.setToolTip({"Up": "↑", "Down": "↓"}[keys])
            button.clicked.connect(lambda _=False, by=by: self.neighbour_wanted.emit(by))
            QShortcut(QKeySequence(keys), self).activated.connect(button.click)
        self.shut.setDefault(True)
        self.copy.clicked.connect(self._copy)
        self.shut.clicked.connect(self.close)
        layout.addLayout(button_row(self.copy, self.shut, beginning=(self.earlier, self.later)))

    def show_life(self, said: LifeWords, has_earlier: bool, has_later: bool) -> None:
        """The keyboard stays on a button that still can be pressed."""
        self._said = said
        self._what.setText(said.what)
        self._where.setText(said.where)
        self.steps.show_steps(said.steps)
        self._trouble.setText(said.trouble)
        self._trouble.setVisible(bool(said.trouble))
        for button, can in ((self.earlier, has_earlier), (self.later, has_later)):
            if not can and button.hasFocus():
                self.shut.setFocus(Qt.FocusReason.OtherFocusReason)
            button.setEnabled(can)

    @property
    def shown(self) -> Sequence[HistoryStep]:
        return self._said.steps

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._said.as_text())
        self.copied.emit()
