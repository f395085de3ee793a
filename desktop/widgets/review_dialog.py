"""The question after an outage: every press that the world overtook, one after the other, decided by keyboard alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPalette
from PySide6.QtWidgets import QDialog, QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.state.overtaken import Choice
from desktop.widgets.button_row import button_row
from desktop.widgets.choice_list import ChoiceList
from desktop.widgets.comparison import Comparison
from desktop.widgets.conflict_words import ConflictWords
from desktop.widgets.labels import label
from desktop.widgets.look import Look
from desktop.widgets.shortcuts import Shortcut, bind, bind_numbered, with_keys
from desktop.widgets.tick_box import TickBox
from desktop.widgets.words import Words

WIDTH, HEIGHT, EDGE = 800, 580, 40
CountAlike = Callable[[str, Choice | None], tuple[int, int]]
"""Of an operation and what is picked: how many others are like it and can take the same, and how many cannot."""


@dataclass(slots=True)
class _Place:
    """Where in the list the question stands, and what was picked in it and not applied."""

    conflicts: list[ConflictWords] = field(default_factory=list)
    at: int = 0
    picked: dict[str, Choice] = field(default_factory=dict)

    @property
    def current(self) -> ConflictWords:
        return self.conflicts[self.at]

    def replace(self, conflicts: Sequence[ConflictWords]) -> None:
        """Stays with the one in front. Where it is decided the next comes, after the last one those passed over."""
        front = self.current.op_id if self.conflicts else None
        self.conflicts = list(conflicts)
        same = [place for place, conflict in enumerate(conflicts) if conflict.op_id == front]
        self.at = same[0] if same else self.at if self.at < len(conflicts) else 0

    def move_to(self, op_id: str) -> None:
        self.at = next((at for at, each in enumerate(self.conflicts) if each.op_id == op_id), self.at)


class ReviewDialog(QDialog):
    """Later leaves what is undecided as it is: each is also beside its booking, and F8 brings the question back."""

    decided = Signal(str, object, bool)
    """The operation, the Choice, and whether it is for all others alike too."""

    def __init__(self, look: Look, words: Words, count_alike: CountAlike, parent: QWidget) -> None:
        super().__init__(parent)
        self._look, self._words, self._count_alike = look, words, count_alike
        self._place = _Place()
        self.setModal(True)
        room = parent.size()
        self.resize(min(look.px(WIDTH), room.width() - EDGE), min(look.px(HEIGHT), room.height() - EDGE))
        self._title = label("title", wraps=True)
        self.comparison = Comparison()
        self.choices = ChoiceList(words)
        self._told = label("secondary", wraps=True)
        self.alike = TickBox(look)
        self._news = label("strong", wraps=True)
        self.later = QPushButton(words("review.later"))
        self.back = QPushButton(words("review.back"))
        self.skip = QPushButton(words("review.skip"))
        self.apply = QPushButton(words("review.apply"))
        self._build()
        self._connect()

    def _build(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(10)
        for part in (self.comparison, self.choices, self._told):
            column.addWidget(part)
        column.addStretch(1)
        self._area = _see_through(QScrollArea())
        self._area.setWidget(inside)
        self.apply.setProperty("kind", "primary")
        self.apply.setDefault(True)
        self.back.setToolTip(with_keys(self._words("key.conflict_back"), Shortcut.CONFLICT_BACK))
        self.skip.setToolTip(with_keys(self._words("key.conflict_skip"), Shortcut.CONFLICT_SKIP))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(label("secondary", self._words("review.rest_goes_out"), wraps=True))
        layout.addWidget(self._area, 1)
        layout.addWidget(self.alike)
        layout.addWidget(self._news)
        layout.addWidget(label("foot", self._words("review.keys"), wraps=True))
        layout.addLayout(button_row(self.back, self.skip, self.apply, beginning=[self.later]))

    def _connect(self) -> None:
        self.comparison.looked_at.connect(lambda: self._area.verticalScrollBar().setValue(0))
        self.choices.picked.connect(self._picked)
        self.later.clicked.connect(self.reject)
        self.back.clicked.connect(lambda: self._go(-1))
        self.skip.clicked.connect(lambda: self._go(1))
        self.apply.clicked.connect(lambda: self._apply(self.alike.isChecked()))
        bind_numbered(Shortcut.CONFLICT_CHOOSE, self, lambda place: self.choices.pick_nth(place % 9))
        bind(Shortcut.CONFLICT_APPLY_ALIKE, self, lambda: self._apply(True))
        bind(Shortcut.CONFLICT_BACK, self, lambda: self._go(-1))
        bind(Shortcut.CONFLICT_SKIP, self, lambda: self._go(1))

    def show_conflicts(self, conflicts: Sequence[ConflictWords], front: str | None = None) -> None:
        """These in place of the ones before, `front` first to be seen; with none left there is nothing to ask, and it
        closes."""
        if not conflicts:
            self.accept()
            return
        before = self._place.current if self._place.conflicts else None
        leaving = self.focusWidget() in (self.alike, self.apply, self.skip, self.back, self.later)
        self._place.replace(conflicts)
        if front is not None:
            self._place.move_to(front)
        same = before is not None and before.op_id == self._place.current.op_id
        # News of the same question must not put the keyboard of whoever is about to leave it on a choice.
        self._show(afresh=self._place.current != before, keyboard=not (same and leaving))

    def tell(self, news: str) -> None:
        """What came of the last decision, also to whoever listens instead of looking."""
        self._news.setText(news)
        self._news.setVisible(bool(news))
        self._announce(news)

    def _announce(self, text: str) -> None:
        """Tells a screen reader; without one this does nothing."""
        if text and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _show(self, *, afresh: bool, keyboard: bool) -> None:
        """`afresh`: another question than was in front, or the same with other answers. `keyboard`: it goes to the
        choices, where a screen reader says what they are about."""
        place, conflict = self._place, self._place.current
        many = len(place.conflicts)
        title = self._words("review.place", place=place.at + 1, count=many, title=conflict.title)
        self._title.setText(title)
        self.setWindowTitle(self._words("review.title", count=many))
        self.setAccessibleDescription(f"{title} {conflict.summary}")
        for button in (self.back, self.skip):
            button.setVisible(many > 1)
        if afresh:
            self.comparison.show_conflict(conflict)
            self.choices.show_choices(conflict.choices, place.picked.get(conflict.op_id), conflict.summary)
            self.alike.setChecked(False)
            self._chain()
            self._area.verticalScrollBar().setValue(0)
            if keyboard:
                self.choices.take_keyboard()
            else:
                self._announce(f"{title} {conflict.summary}")
        self._show_pick()

    def _show_pick(self) -> None:
        offered = self.choices.choice
        choice = offered.choice if offered else None
        self.apply.setEnabled(choice is not None)
        self._told.setText(offered.told if offered else self._words("review.pick"))
        can, cannot = self._count_alike(self._place.current.op_id, choice)
        said = self._words("review.alike", count=can)
        if cannot:
            said = f"{said} {self._words('review.alike_cannot', count=cannot)}"
        self.alike.setText(said)
        self.alike.setVisible(can + cannot > 0)
        self.alike.setEnabled(can > 0 and choice is not None)

    def _picked(self) -> None:
        offered = self.choices.choice
        if offered is not None:
            self._place.picked[self._place.current.op_id] = offered.choice
            self._area.ensureWidgetVisible(self._told)
        self._show_pick()

    def _go(self, by: int) -> None:
        """Round the list; what is passed over stays undecided. On a button that does it the keyboard stays: to press
        it again must not apply what was picked before."""
        if len(self._place.conflicts) > 1:
            self._place.at = (self._place.at + by) % len(self._place.conflicts)
            self.tell("")
            self._show(afresh=True, keyboard=self.focusWidget() not in (self.skip, self.back))

    def _apply(self, for_all: bool) -> None:
        offered = self.choices.choice
        if offered is not None:
            for_all = for_all and self.alike.isVisible() and self.alike.isEnabled()
            self.decided.emit(self._place.current.op_id, offered.choice, for_all)

    def _chain(self) -> None:
        """The keyboard goes from what happened to the choices, then on to what is done with them."""
        stops = [self.comparison, *self.choices.radios, self.alike, self.apply, self.skip, self.back, self.later]
        for stop, following in pairwise(stops):
            QWidget.setTabOrder(stop, following)


def _see_through(area: QScrollArea) -> QScrollArea:
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    clear = QPalette(area.palette())
    clear.setColor(QPalette.ColorRole.Window, Qt.GlobalColor.transparent)
    area.setPalette(clear)
    return area
