"""The right pane: conflicts first, then status, buttons, who has it, the facts and the history."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.state.lines import PendingPress
from desktop.widgets.action_buttons import ActionButtons, ButtonFace
from desktop.widgets.conflict_card import ConflictBox
from desktop.widgets.conflict_words import ConflictWords
from desktop.widgets.fact_rows import FactRows
from desktop.widgets.history_list import HistoryList, HistoryStep
from desktop.widgets.icons import Icons
from desktop.widgets.labels import ElidedLabel, label
from desktop.widgets.look import Look
from desktop.widgets.pending_strip import PendingStrip
from desktop.widgets.press_preview import PressPreview
from desktop.widgets.shortcuts import Shortcut, with_keys
from desktop.widgets.status_pill import Statuses, StatusPill
from desktop.widgets.words import Words


class FactsPane(QScrollArea):
    take_pressed = Signal()
    assign_pressed = Signal(QWidget)
    """The widget to open the menu at."""
    undone = Signal(str)
    confirmed = Signal(str)
    dropped = Signal(str)
    decided = Signal(str, object)
    review_wanted = Signal(str)

    def __init__(self, look: Look, icons: Icons, words: Words, statuses: Statuses) -> None:
        super().__init__()
        self._look, self._icons, self._words = look, icons, words
        self.setObjectName("facts")
        self.setAccessibleName(words("facts.name"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.pill = StatusPill(look, statuses, words)
        self.waiting = label("secondary")
        self.buttons = ActionButtons(look, words)
        self.preview = PressPreview(words)
        self._none = label("secondary", words("facts.no_actions"), wraps=True)
        self._assignee = ElidedLabel("value")
        self._take = QPushButton(words("facts.take"))
        self._assign = QPushButton(words("facts.assign"))
        self._facts = FactRows()
        self._history = HistoryList(look, words("facts.history"))
        self._conflicts: list[ConflictBox] = []
        self._pending: list[PendingStrip] = []
        self._cards = QVBoxLayout()
        self._strips = QVBoxLayout()
        self._page = QWidget()
        self._page.setObjectName("scrolled")
        self._build()
        self.setWidget(self._page)
        self._page.hide()

    def _build(self) -> None:
        layout = QVBoxLayout(self._page)
        layout.setContentsMargins(18, 14, 14, 18)
        layout.setSpacing(8)
        self._cards.setSpacing(10)
        self._strips.setSpacing(6)
        layout.addLayout(self._cards)
        layout.addWidget(self._section("facts.status"))
        status = QHBoxLayout()
        status.addWidget(self.pill)
        status.addStretch(1)
        status.addWidget(self.waiting)
        layout.addLayout(status)
        layout.addSpacing(8)
        layout.addWidget(self._section("facts.actions"))
        layout.addLayout(self._strips)
        for part in (self.buttons, self._none):
            layout.addWidget(part)
        layout.addWidget(self.preview)
        layout.addSpacing(8)
        layout.addWidget(self._section("facts.assigned"))
        layout.addLayout(self._assignment())
        layout.addSpacing(8)
        layout.addWidget(self._section("facts.booking"))
        layout.addWidget(self._facts)
        layout.addSpacing(8)
        layout.addWidget(self._section("facts.history"))
        layout.addWidget(self._history)
        layout.addStretch(1)

    def _section(self, key: str) -> QLabel:
        return label("section", self._words(key))

    def _assignment(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._assignee, 1)
        self._take.setToolTip(with_keys(self._words("key.take"), Shortcut.TAKE))
        for button in (self._take, self._assign):
            button.setProperty("kind", "small")
            row.addWidget(button)
        self._take.clicked.connect(self.take_pressed)
        self._assign.clicked.connect(lambda: self.assign_pressed.emit(self._assign))
        return row

    def show_page(self, is_open: bool) -> None:
        self._page.setVisible(is_open)

    def show_buttons(self, faces: Sequence[ButtonFace], nothing_pending: bool) -> None:
        with self._keyboard_kept():
            self.buttons.show_buttons(faces)
            self.buttons.setVisible(bool(faces))
        self.preview.setVisible(bool(faces))
        self._none.setVisible(not faces and nothing_pending)

    def show_assignee(self, text: str, may_take: bool, may_assign: bool) -> None:
        self._assignee.setText(text)
        with self._keyboard_kept():
            self._take.setVisible(may_take)
            self._assign.setVisible(may_assign)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        self._facts.show_facts(facts)

    def show_history(self, steps: Sequence[HistoryStep]) -> None:
        self._history.show_steps(steps)

    def show_pending(self, presses: Sequence[tuple[PendingPress, str]]) -> None:
        """Each press not judged yet, with its button's label; one that did not change keeps its strip and countdown."""
        if [strip.press for strip in self._pending] == [press for press, _ in presses]:
            return
        with self._keyboard_kept():
            for strip in self._pending:
                _gone(strip)
        self._pending = [PendingStrip(self._look, self._words, press, button) for press, button in presses]
        for strip in self._pending:
            strip.undone.connect(self.undone)
            strip.confirmed.connect(self.confirmed)
            strip.dropped.connect(self.dropped)
            self._strips.addWidget(strip)

    def show_conflicts(self, conflicts: Sequence[ConflictWords]) -> None:
        if [box.conflict for box in self._conflicts] == list(conflicts):
            return
        with self._keyboard_kept():
            for box in self._conflicts:
                _gone(box)
        self._conflicts = [ConflictBox(self._look, self._icons, self._words, conflict) for conflict in conflicts]
        for box in self._conflicts:
            box.decided.connect(self.decided)
            box.review_wanted.connect(self.review_wanted)
            self._cards.addWidget(box)

    @contextmanager
    def _keyboard_kept(self) -> Iterator[None]:
        """Where the button under the keyboard goes, the pane itself takes its place. Qt would go on to whatever comes
        next in the window, which may be a field to type in, or another button that the next key would press."""
        before = cast(QWidget | None, self.window().focusWidget())
        was_here = before is not None and self.isAncestorOf(before)
        yield
        if was_here and before is not self.window().focusWidget():
            self.setFocus(Qt.FocusReason.OtherFocusReason)


def _gone(part: QWidget) -> None:
    part.hide()
    part.setParent(None)
    part.deleteLater()
