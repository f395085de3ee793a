"""Numbered choices, one picked by its digit, by the arrows or with the mouse; none is picked beforehand."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton, QWidget

from desktop.state.overtaken import Choice
from desktop.widgets.conflict_words import OfferedChoice
from desktop.widgets.words import Words


class ChoiceList(QWidget):
    picked = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._rows = QGridLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setHorizontalSpacing(6)
        self._rows.setVerticalSpacing(4)
        self._rows.setColumnStretch(1, 1)
        self._group = QButtonGroup(self)
        self._offered: tuple[OfferedChoice, ...] = ()
        self._texts: list[QLabel] = []
        self.radios: list[QRadioButton] = []

    def show_choices(self, offered: Sequence[OfferedChoice], picked: Choice | None, about: str) -> None:
        """The first is the suggested one. `about` is what a screen reader says when the keyboard comes here."""
        self.setAccessibleName(about)
        for part in (*self.radios, *self._texts):
            part.hide()
            part.deleteLater()
        self._group.deleteLater()
        self._group = QButtonGroup(self)
        self._offered = tuple(offered)
        self.radios, self._texts = [], []
        for row, each in enumerate(self._offered):
            text = self._words("review.suggested", choice=each.whole) if row == 0 and len(offered) > 1 else each.whole
            radio = QRadioButton(self._words.left_to_right(str(row + 1)))
            radio.setAccessibleName(f"{row + 1}: {text}")
            radio.setAccessibleDescription(each.told)
            radio.setChecked(each.choice == picked)
            radio.clicked.connect(self.picked)
            self._group.addButton(radio)
            self._rows.addWidget(radio, row, 0, Qt.AlignmentFlag.AlignTop)
            shown = _Clickable(radio, text)
            self._rows.addWidget(shown, row, 1, Qt.AlignmentFlag.AlignVCenter)
            for part in (radio, shown):
                part.show()  # at once: a layout would do so later, and the keyboard goes to nothing hidden
            self.radios.append(radio)
            self._texts.append(shown)

    @property
    def choice(self) -> OfferedChoice | None:
        return next((each for each, radio in zip(self._offered, self.radios, strict=True) if radio.isChecked()), None)

    def pick_nth(self, place: int) -> None:
        if place < len(self.radios):
            self.radios[place].setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.radios[place].click()

    def take_keyboard(self) -> None:
        """To the one that is picked, else to the first."""
        chosen = next((radio for radio in self.radios if radio.isChecked()), self.radios[0])
        chosen.setFocus(Qt.FocusReason.OtherFocusReason)


class _Clickable(QLabel):
    """A radio button's text cannot wrap; this one does, and counts as part of it."""

    def __init__(self, radio: QRadioButton, text: str) -> None:
        super().__init__(text)
        self._radio = radio
        self.setProperty("role", "value")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._radio.setFocus(Qt.FocusReason.MouseFocusReason)
        self._radio.click()
