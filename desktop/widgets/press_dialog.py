"""Asks what a status button needs before it is pressed: a reason, a yes; and shows what will be posted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.widgets.button_row import button_row
from desktop.widgets.labels import begin_with_language, label
from desktop.widgets.press_preview import PressPreview
from desktop.widgets.words import Words


@dataclass(frozen=True, slots=True)
class AskedValue:
    """One value the workflow asks for."""

    name: str
    label: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class PressWords:
    """The dialog's fixed sentences."""

    title: str
    subtitle: str
    preview_head: str
    danger: bool = False


class PressDialog(QDialog):
    agreed = Signal(dict)
    """The values by name, as written. Whoever hears it accepts the dialog once they are safe; till then it stays."""

    def __init__(
        self,
        words: Words,
        said: PressWords,
        asked: Sequence[AskedValue],
        preview: Callable[[Mapping[str, str]], str],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._words, self._said, self._asked, self._text_of = words, said, tuple(asked), preview
        self.setWindowTitle(said.title)
        self.setModal(True)
        self.setMinimumWidth(440)
        self.inputs = {value.name: QLineEdit() for value in self._asked}
        self._error = label("error", wraps=True)
        self._error.hide()
        self._preview = PressPreview(words)
        self.agree_button = QPushButton(said.title)
        self.agree_button.setProperty("kind", "danger" if said.danger else "primary")
        self.agree_button.setDefault(True)
        self._cancel = QPushButton(words("press.cancel"))
        self._build()
        self._show_preview()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(6)
        layout.addWidget(label("title", self._said.title, wraps=True))
        subtitle = label("secondary", self._said.subtitle, wraps=True)
        begin_with_language(subtitle, self)
        layout.addWidget(subtitle)
        layout.addSpacing(8)
        for value in self._asked:
            field = self.inputs[value.name]
            field.setAccessibleName(value.label)
            field.textChanged.connect(self._show_preview)
            layout.addWidget(label("field", value.label))
            layout.addWidget(field)
        layout.addWidget(self._error)
        layout.addSpacing(6)
        layout.addWidget(self._preview)
        if self._said.danger:
            layout.addWidget(label("secondary", self._words("press.sure"), wraps=True))
        layout.addStretch(1)
        layout.addSpacing(10)
        layout.addLayout(button_row(self._cancel, self.agree_button))
        self._cancel.clicked.connect(self.reject)
        self.agree_button.clicked.connect(self._agree)

    def _values(self) -> dict[str, str]:
        return {name: field.text().strip() for name, field in self.inputs.items()}

    def _show_preview(self) -> None:
        text = self._text_of(self._values())
        self._preview.show_text(self._said.preview_head if text else self._words("facts.preview_none"), text)

    def _agree(self) -> None:
        values = self._values()
        missing = next((value for value in self._asked if value.required and not values[value.name]), None)
        if missing is not None:
            self._error.setText(self._words("press.value_missing"))
            self._error.show()
            self.inputs[missing.name].setFocus()
            return
        self.agreed.emit(values)
