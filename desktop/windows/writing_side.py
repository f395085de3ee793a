"""Joins the composer to the desk: sending, drafts that survive a crash, and "is typing"."""

from dataclasses import replace
from functools import partial
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from contract.workflow import takes_messages
from desktop.state.lines import BookingDetail, LinkState, MessageLine, UnfinishedEdit
from desktop.widgets.composer import Composer
from desktop.widgets.link_words import is_online
from desktop.windows.surroundings import Surroundings

DRAFT_MS = 400
"""A pause in typing after which the draft is on disk."""
AGAIN_MS = 2_000
"""After which a draft that the disk did not take is tried again."""
STILL_TYPING_MS = 4_000


class WritingSide(QObject):
    left = Signal()
    """Escape: back to the list, the draft is kept."""
    sent = Signal()

    def __init__(self, around: Surroundings, composer: Composer) -> None:
        super().__init__(composer)
        self._around, self._composer = around, composer
        self._booking_id: str | None = None
        self._unsaved: dict[tuple[str, bool], str] = {}
        """By booking, and whether it is a note: what is typed and not on disk."""
        self._unsaved_edits: dict[str, UnfinishedEdit | None] = {}
        """By booking: what is typed into a line that is being changed and not on disk; None: that is over."""
        self._editing: UnfinishedEdit | None = None
        self._saving = _timer(self, DRAFT_MS, self.save_now)
        self._again = _timer(self, AGAIN_MS, partial(self._save, quietly=True))
        self._typing = _timer(self, STILL_TYPING_MS, lambda: self._around.desk.set_typing(False))
        composer.text_edited.connect(self._edited)
        composer.text_submitted.connect(self._submit)
        composer.edit_submitted.connect(self._submit_edit)
        composer.edit_typed.connect(self._edit_typed)
        composer.edit_left.connect(self._end_edit)
        composer.escaped.connect(self._leave)

    def open(self, booking_id: str, detail: BookingDetail | None) -> None:
        self.save_now()
        self._stop_typing()
        self._booking_id = booking_id
        edit = self._editing = self._unfinished_edit(booking_id)
        # Where the booking is out of sight, so is the line: nothing is known of it.
        fate = self._fate(booking_id, edit) if edit is not None and detail is not None else "as_it_was"
        if edit is not None and fate != "as_it_was":
            self._end_edit()
        if edit is not None and fate == "changed":
            self._make_draft(booking_id, edit)
        name = detail.booking.customer_name if detail else ""
        reply, note = (self._draft(booking_id, kind) for kind in (False, True))
        self._composer.show_booking(name or self._around.words("row.nameless"), self._is_closed(detail), reply, note)
        if edit is not None and fate == "changed":
            self._composer.show_note(edit.note)
            self._around.toast.say(self._around.words("toast.edit_kept"))
        elif self._editing is not None:
            self._composer.resume_edit(self._editing.text)

    def renamed(self, old_id: str, new_id: str) -> None:
        """What is typed and not yet on disk belongs to the booking under its new id."""
        if self._booking_id == old_id:
            self._booking_id = new_id
        for note in (False, True):
            if (old_id, note) in self._unsaved:
                self._unsaved[new_id, note] = self._unsaved.pop((old_id, note))
        if old_id in self._unsaved_edits:
            self._unsaved_edits[new_id] = self._unsaved_edits.pop(old_id)

    def detail_changed(self, detail: BookingDetail | None) -> None:
        self._composer.set_closed(self._is_closed(detail))

    def link_changed(self, link: LinkState) -> None:
        self._composer.set_offline(not is_online(link))
        if link.outbox_damaged:
            self._composer.set_stopped()

    def edit(self, line: MessageLine | None) -> None:
        """Puts a line of ours back into the input: one still queued, or one already sent."""
        if line is None:
            return
        if self._editing is not None and _changes(self._editing):
            if line.id != self._editing.message_id:
                self._around.toast.say(self._around.words("toast.edit_first"))
            self._composer.begin_edit(self._editing.text)
            return
        self._editing = UnfinishedEdit(line.id, line.kind == "note", line.position is not None, line.text, line.text)
        self._composer.begin_edit(line.text)

    def save_now(self) -> None:
        """Whatever is typed and not yet on disk goes there. What the disk does not take is kept here until it does."""
        self._save()

    def _save(self, *, quietly: bool = False) -> None:
        self._saving.stop()
        for (booking_id, note), text in list(self._unsaved.items()):
            if self._around.attempt(partial(self._around.desk.save_draft, booking_id, text, note), quietly=quietly):
                del self._unsaved[booking_id, note]
        if not self._unsaved:  # an edit that has become a draft goes when that draft is on disk
            for booking_id, edit in list(self._unsaved_edits.items()):
                if self._around.attempt(partial(self._around.desk.save_edit, booking_id, edit), quietly=quietly):
                    del self._unsaved_edits[booking_id]
        if self._unsaved or self._unsaved_edits:
            self._again.start()

    def _draft(self, booking_id: str, note: bool) -> str:
        return self._unsaved.get((booking_id, note), self._around.desk.draft(booking_id, note))

    def _unfinished_edit(self, booking_id: str) -> UnfinishedEdit | None:
        if booking_id in self._unsaved_edits:
            return self._unsaved_edits[booking_id]
        return self._around.desk.unfinished_edit(booking_id)

    def _fate(self, booking_id: str, edit: UnfinishedEdit) -> Literal["as_it_was", "saved", "changed"]:
        """What has become of the line meanwhile. One that a server had and that is not here may still be there."""
        line = self._around.desk.line(booking_id, edit.message_id)
        if line is None:
            return "as_it_was" if edit.stored else "changed"
        if line.text.strip() == edit.text.strip():
            return "saved"
        return "changed" if line.removed or line.text != edit.before else "as_it_was"

    def _make_draft(self, booking_id: str, edit: UnfinishedEdit) -> None:
        """What was typed stays where it can be copied or sent, and who was to see it sees it."""
        draft = self._draft(booking_id, edit.note)
        if not draft.endswith(edit.text):  # it has joined already where a crash came before the edit was taken away
            self._unsaved[booking_id, edit.note] = f"{draft}\n{edit.text}" if draft.strip() else edit.text
        self.save_now()

    def _edit_typed(self, text: str) -> None:
        if self._booking_id is None or self._editing is None:
            return
        self._editing = replace(self._editing, text=text)
        self._unsaved_edits[self._booking_id] = self._editing if _changes(self._editing) else None
        self._saving.start()

    def _end_edit(self) -> None:
        self._editing = None
        if self._booking_id is not None:
            self._unsaved_edits[self._booking_id] = None
            self._saving.start()

    def _is_closed(self, detail: BookingDetail | None) -> bool:
        workflow = self._around.desk.workflows.get(detail.booking.workflow) if detail else None
        return bool(workflow and detail and not takes_messages(workflow, detail.booking.status))

    def _edited(self, text: str, note: bool) -> None:
        if self._booking_id is None:
            return
        self._unsaved[self._booking_id, note] = text
        self._saving.start()
        if note or not text.strip():
            self._stop_typing()
            return
        if not self._typing.isActive():
            self._around.desk.set_typing(True)
        self._typing.start()

    def _submit(self, text: str, note: bool) -> None:
        booking_id = self._booking_id
        if booking_id is None:
            return
        if self._around.attempt(lambda: self._around.desk.send_message(booking_id, text, note)):
            self._unsaved.pop((booking_id, note), None)
            if note:
                self._around.attempt(lambda: self._around.desk.save_draft(booking_id, "", note))
            self._composer.take_text()
            self._stop_typing()
            self.sent.emit()

    def _submit_edit(self, text: str) -> None:
        edit, desk, booking_id = self._editing, self._around.desk, self._booking_id
        if edit is None or booking_id is None:
            return
        if self._fate(booking_id, edit) == "changed":
            self.open(booking_id, desk.detail(booking_id))
            return
        line = desk.line(booking_id, edit.message_id)
        queued = line.op_id if line is not None and line.position is None else None
        if self._around.attempt(
            lambda: desk.edit_queued(queued, text) if queued else desk.edit_message(booking_id, edit.message_id, text)
        ):
            self._end_edit()
            self._composer.take_text()
            self._save(quietly=True)

    def _leave(self) -> None:
        self.save_now()
        self._editing = None
        self.left.emit()

    def _stop_typing(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self._around.desk.set_typing(False)


def _changes(edit: UnfinishedEdit) -> bool:
    return edit.text.strip() not in {"", edit.before.strip()}


def _timer(owner: QObject, after_ms: int, then) -> QTimer:  # type: ignore[no-untyped-def]
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(after_ms)
    timer.timeout.connect(then)
    return timer
