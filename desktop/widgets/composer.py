"""Where the operator writes: a reply to the customer or a note for staff, never waiting for anything."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from contract.operations import MAX_TEXT
from desktop.widgets.composer_text import ComposerText
from desktop.widgets.icons import Icons
from desktop.widgets.labels import ElidedLabel
from desktop.widgets.look import Look
from desktop.widgets.shortcuts import Shortcut, with_keys
from desktop.widgets.words import Words


class Composer(QFrame):
    """Keeps one text for each mode. The text stays until `take_text` is told that it is safely in the outbox."""

    text_submitted = Signal(str, bool)
    """The text, and whether it is a note."""
    edit_submitted = Signal(str)
    text_edited = Signal(str, bool)
    """After every change by hand, for the draft and for "is typing"."""
    edit_typed = Signal(str)
    """After every change by hand to a text that is already written."""
    edit_left = Signal()
    """Escape: the text stays as it was."""
    escaped = Signal()
    edit_last_wanted = Signal()

    def __init__(self, look: Look, icons: Icons, words: Words) -> None:
        super().__init__()
        self._look, self._icons, self._words = look, icons, words
        self.setObjectName("composer")
        self._texts = {False: "", True: ""}
        self._note = self._offline = self._closed = self._gone = self._stopped = self._editing = False
        self._name = ""
        self.input = ComposerText(look)
        self.input.setAccessibleName(words("composer.name"))
        self._reply_tab = self._tab(words("composer.reply"))
        self._note_tab = self._tab(words("composer.note"))
        self._tabs = QButtonGroup(self)
        self._tabs.addButton(self._reply_tab)
        self._tabs.addButton(self._note_tab)
        self._hint = ElidedLabel("secondary")
        self._send = QPushButton()
        self._send.setMinimumWidth(88)
        self._build()
        self.input.submitted.connect(self._submit)
        self.input.escaped.connect(self._escape)
        self.input.up_pressed.connect(self.edit_last_wanted)
        self.input.textChanged.connect(self._changed)
        self._send.clicked.connect(self._submit)
        self._reply_tab.clicked.connect(lambda: self.set_note(False))
        self._note_tab.clicked.connect(lambda: self.set_note(True))
        look.changed.connect(self._show)
        self._show()

    def _tab(self, text: str) -> QPushButton:
        tab = QPushButton(text)
        tab.setProperty("kind", "tab")
        tab.setCheckable(True)
        tab.setToolTip(with_keys(text, Shortcut.SWITCH_MODE))
        tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return tab

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._reply_tab)
        top.addWidget(self._note_tab)
        top.addSpacing(8)
        top.addWidget(self._hint, 1)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.input, 1)
        row.addWidget(self._send, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 14)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addLayout(row)

    def show_booking(self, name: str, closed: bool, reply: str, note: str) -> None:
        """Another conversation, with what was left unfinished in it."""
        self._name, self._closed, self._editing = name, closed, False
        self._texts = {False: reply, True: note}
        self._note = bool(note and not reply) or (closed and self._note)
        self._put(self._texts[self._note])

    def set_closed(self, closed: bool) -> None:
        self._closed = closed
        self._show()

    def set_gone(self, gone: bool) -> None:
        """There is no such booking here, or not any more: what was typed can be read and copied, not sent."""
        self._gone = gone
        self._show()

    def set_stopped(self) -> None:
        """Nothing is kept any more, in whichever booking: as in one that is gone."""
        self._stopped = True
        self._show()

    def set_offline(self, offline: bool) -> None:
        """While there is no connection the button says Queue, because that is what it does."""
        self._offline = offline
        self._show()

    @property
    def is_being_typed_in(self) -> bool:
        return self.input.hasFocus() and bool(self.input.toPlainText().strip())

    @Slot()
    def toggle_note(self) -> None:
        self.set_note(not self._note)

    def set_note(self, note: bool) -> None:
        self.show_note(note)
        self.input.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_note(self, note: bool) -> None:
        """The note in front, or the reply; the focus stays where it is."""
        if note != self._note and not self._editing:
            self._texts[self._note] = self.input.toPlainText()
            self._note = note
            self._put(self._texts[note])
        self._show()

    def begin_edit(self, text: str) -> None:
        """Puts a text that is already written into the input; the draft waits meanwhile."""
        self.resume_edit(text)
        self.input.setFocus(Qt.FocusReason.OtherFocusReason)

    def resume_edit(self, text: str) -> None:
        """The same, with the text as it was left; the focus stays where it is."""
        if not self._editing:
            self._texts[self._note] = self.input.toPlainText()
        self._editing = True
        self._put(text)

    def take_text(self) -> None:
        """What was submitted is safe: the input is free again."""
        if self._editing:
            self._editing = False
        else:
            self._texts[self._note] = ""
        self._put(self._texts[self._note])

    def _put(self, text: str) -> None:
        blocked = self.input.blockSignals(True)
        self.input.setPlainText(text)
        self.input.moveCursor(self.input.textCursor().MoveOperation.End)
        self.input.blockSignals(blocked)
        self._show()

    def _changed(self) -> None:
        self._show()
        if self._editing:
            self.edit_typed.emit(self.input.toPlainText())
        else:
            self.text_edited.emit(self.input.toPlainText(), self._note)

    def _submit(self) -> None:
        text = self.input.toPlainText().strip()
        if not text or len(text) > MAX_TEXT or not self._may_write:
            return
        if self._editing:
            self.edit_submitted.emit(text)
        else:
            self.text_submitted.emit(text, self._note)

    def _escape(self) -> None:
        if self._editing:
            self.take_text()
            self.edit_left.emit()
        else:
            self.escaped.emit()

    @property
    def _is_gone(self) -> bool:
        return self._gone or self._stopped

    @property
    def _may_write(self) -> bool:
        return not self._is_gone and (not self._closed or self._note)

    def _show(self) -> None:
        """Everything that follows from the state: colours, words, what can be pressed."""
        note, text = self._note, self.input.toPlainText()
        too_long = len(text.strip()) - MAX_TEXT
        self._reply_tab.setChecked(not note)
        self._note_tab.setChecked(note)
        barred = "placeholder_gone" if self._is_gone else "placeholder_closed"
        placeholder = barred if not self._may_write else "placeholder_note" if note else "placeholder"
        self.input.setPlaceholderText(self._words(f"composer.{placeholder}", name=self._name))
        self.input.setReadOnly(not self._may_write)
        label = "save_edit" if self._editing else "add_note" if note else "queue" if self._offline else "send"
        self._send.setText(self._words(f"composer.{label}"))
        self._send.setEnabled(bool(text.strip()) and too_long <= 0 and self._may_write)
        hint = "editing" if self._editing else "hint_offline" if self._offline and not note else "hint"
        hint = "hint_note" if note and not self._editing else hint
        hint = barred if not self._may_write else "too_long" if too_long > 0 else hint
        self._hint.setText(self._words(f"composer.{hint}", count=too_long))
        self._restyle("note" if note else "reply")

    def _restyle(self, mode: str) -> None:
        if self.property("mode") != mode:
            self.setProperty("mode", mode)
            self._send.setProperty("kind", "note" if mode == "note" else "primary")
            for part in (self, self.input, self._send, self._reply_tab, self._note_tab, self._hint):
                part.style().unpolish(part)
                part.style().polish(part)
