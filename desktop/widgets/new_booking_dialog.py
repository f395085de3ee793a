"""Asks what a new booking needs: for whom, of which kind, what and where, and the first line if there is one."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.widgets.button_row import button_row
from desktop.widgets.labels import label
from desktop.widgets.look import Look
from desktop.widgets.words import Words

LIMITS = {"name": 200, "phone": 50, "about": 300, "where": 500}
"""Characters, as the server has them."""
LANGUAGES = ("en", "ar")


@dataclass(frozen=True, slots=True)
class NewBookingValues:
    """As written; empty where nothing was."""

    workflow: str
    lang: str
    name: str
    phone: str
    about: str
    where: str
    message: str


class NewBookingDialog(QDialog):
    agreed = Signal(object)
    """The NewBookingValues."""

    def __init__(self, look: Look, words: Words, kinds: Sequence[tuple[str, str]], parent: QWidget) -> None:
        """`kinds`: the workflows that may be chosen, by name and title."""
        super().__init__(parent)
        self.setWindowTitle(words("new_booking.title"))
        self.setModal(True)
        self.setMinimumWidth(look.px(460))
        self.kind, self.lang = QComboBox(), QComboBox()
        for name, title in kinds:
            self.kind.addItem(title, name)
        for code in LANGUAGES:
            self.lang.addItem(words(f"facts.lang_{code}"), code)
        self.lang.setCurrentIndex(LANGUAGES.index(words.lang))
        self.fields = {name: QLineEdit() for name in LIMITS}
        self.message = QPlainTextEdit()
        self.message.setTabChangesFocus(True)
        self.message.setFixedHeight(look.px(84))
        self.open_button, self._cancel = QPushButton(words("new_booking.open")), QPushButton(words("press.cancel"))
        self._build(words)
        self._look_at_name()

    def _build(self, words: Words) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(6)
        layout.addWidget(label("title", words("new_booking.title")))
        for name, limit in LIMITS.items():
            self.fields[name].setMaxLength(limit)
        rows: dict[str, QWidget] = {
            "new_booking.kind": self.kind,
            "new_booking.name": self.fields["name"],
            "facts.phone": self.fields["phone"],
            "facts.about": self.fields["about"],
            "facts.where": self.fields["where"],
            "facts.language": self.lang,
            "new_booking.message": self.message,
        }
        for key, field in rows.items():
            field.setAccessibleName(words(key))
            layout.addWidget(label("field", words(key)))
            layout.addWidget(field)
        layout.addSpacing(10)
        layout.addLayout(button_row(self._cancel, self.open_button))
        self.open_button.setProperty("kind", "primary")
        self.open_button.setDefault(True)
        self._cancel.clicked.connect(self.reject)
        self.open_button.clicked.connect(self._agree)
        self.fields["name"].textChanged.connect(self._look_at_name)
        self.fields["name"].setFocus()

    def _look_at_name(self) -> None:
        self.open_button.setEnabled(bool(self.fields["name"].text().strip()))

    def _agree(self) -> None:
        texts = {name: field.text().strip() for name, field in self.fields.items()}
        message = self.message.toPlainText().strip()
        self.agreed.emit(NewBookingValues(self.kind.currentData(), self.lang.currentData(), message=message, **texts))
