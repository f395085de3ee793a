"""The one question after an outage: every press that the world overtook, a card each, nothing else."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialog, QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.widgets.button_row import button_row
from desktop.widgets.conflict_card import ConflictBox, ConflictWords
from desktop.widgets.icons import Icons
from desktop.widgets.labels import label
from desktop.widgets.look import Look
from desktop.widgets.words import Words

WIDTH, HEIGHT = 560, 640


class ReviewDialog(QDialog):
    """Later leaves everything as it is: each card is also beside its booking."""

    step_chosen = Signal(str, str)
    """The operation and the transition pressed instead."""
    kept = Signal(str)
    message_wanted = Signal(str)

    def __init__(self, look: Look, icons: Icons, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._look, self._icons, self._words = look, icons, words
        self.setModal(True)
        self.resize(look.px(WIDTH), look.px(HEIGHT))
        self._title = label("title", wraps=True)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(12)
        self.boxes: list[ConflictBox] = []
        self.later = QPushButton(words("review.later"))
        self.later.setAutoDefault(False)
        self.later.clicked.connect(self.reject)
        self._build()

    def _build(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.addLayout(self._cards)
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        clear = QPalette(self._area.palette())
        clear.setColor(QPalette.ColorRole.Window, Qt.GlobalColor.transparent)
        self._area.setPalette(clear)
        self._area.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 16, 20)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(label("secondary", self._words("review.rest_goes_out"), wraps=True))
        layout.addSpacing(4)
        layout.addWidget(self._area, 1)
        layout.addLayout(button_row(self.later))

    def show_cards(self, conflicts: Sequence[ConflictWords]) -> None:
        """These in place of the ones before; with none left there is nothing to ask, and it closes."""
        if not conflicts:
            self.accept()
            return
        title = self._words("review.title", count=len(conflicts))
        self._title.setText(title)
        self.setWindowTitle(title)
        if [box.conflict for box in self.boxes] == list(conflicts):
            return
        for box in self.boxes:
            box.hide()
            box.deleteLater()
        self.boxes = [ConflictBox(self._look, self._icons, self._words, conflict) for conflict in conflicts]
        for box in self.boxes:
            box.step_chosen.connect(self.step_chosen)
            box.kept.connect(self.kept)
            box.message_wanted.connect(self.message_wanted)
            self._cards.addWidget(box)
        self._chain()

    def _chain(self) -> None:
        """The keyboard goes from card to card; the area follows it."""
        buttons = [button for box in self.boxes for button in box.buttons]
        for button, following in zip(buttons, [*buttons[1:], self.later], strict=True):
            QWidget.setTabOrder(button, following)
        buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)
