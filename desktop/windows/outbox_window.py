"""Joins the outbox panel to the desk."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog, QWidget

from desktop.item_models.outbox_rows import outbox_rows
from desktop.state.lines import OutboxLine
from desktop.widgets.outbox_panel import OutboxPanel
from desktop.windows.surroundings import Surroundings


class OutboxWindow(QObject):
    booking_wanted = Signal(str)

    def __init__(self, around: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = around
        self.panel = OutboxPanel(around.look, around.icons, around.words, around.moments, around.sentences, parent)
        self.panel.action_pressed.connect(self._act)

    def open(self) -> None:
        self.refresh()
        self.panel.show()
        self.panel.raise_()
        self.panel.activateWindow()
        self.panel.focus_rows()

    def refresh(self) -> None:
        """Only while it can be seen: its rows are a query."""
        self.panel.show_rows(outbox_rows(self._around.desk.outbox_lines(self._around.words.lang)))

    def outbox_changed(self) -> None:
        if self.panel.isVisible():
            self.refresh()

    def _act(self, name: str, line: OutboxLine) -> None:
        desk, words = self._around.desk, self._around.words
        if name == "show" and line.booking_id:
            self.booking_wanted.emit(line.booking_id)
        elif name == "retry":
            self._around.attempt(lambda: desk.retry(line.op_id))
        elif name == "discard":
            texts: list[str] = []
            if self._around.attempt(lambda: texts.append(desk.discard(line.op_id))):
                QGuiApplication.clipboard().setText("\n".join(texts) or line.what)
                self._around.toast.say(words("outbox.discarded"))
        elif name == "edit":
            self._edit(line)
        self.refresh()

    def _edit(self, line: OutboxLine) -> None:
        words, desk = self._around.words, self._around.desk
        dialog = _Edit(lambda text: self._around.attempt(lambda: desk.edit_queued(line.op_id, text)), self.panel)
        dialog.setInputMode(QInputDialog.InputMode.TextInput)
        dialog.setOption(QInputDialog.InputDialogOption.UsePlainTextEditForTextInput)
        dialog.setWindowTitle(words("outbox.edit_title"))
        dialog.setLabelText(words("outbox.edit_title"))
        dialog.setTextValue(line.what)
        dialog.setOkButtonText(words("outbox.save"))
        dialog.setCancelButtonText(words("outbox.cancel"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class _Edit(QInputDialog):
    """Stays, with what was written, until `save` has taken it."""

    def __init__(self, save: Callable[[str], bool], parent: QWidget) -> None:
        super().__init__(parent)
        self._save = save

    def accept(self) -> None:
        if self._save(self.textValue()):
            super().accept()
