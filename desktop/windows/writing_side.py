"""Joins the composer to the desk: sending, drafts that survive a crash, and "is typing"."""

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from contract.workflow import takes_messages
from desktop.state.lines import BookingDetail, LinkState, MessageLine
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
        self._editing: MessageLine | None = None
        self._saving = _timer(self, DRAFT_MS, self.save_now)
        self._again = _timer(self, AGAIN_MS, partial(self._save, quietly=True))
        self._typing = _timer(self, STILL_TYPING_MS, lambda: self._around.desk.set_typing(False))
        composer.text_edited.connect(self._edited)
        composer.text_submitted.connect(self._submit)
        composer.edit_submitted.connect(self._submit_edit)
        composer.escaped.connect(self._leave)

    def open(self, booking_id: str, detail: BookingDetail | None) -> None:
        self.save_now()
        self._stop_typing()
        self._booking_id, self._editing = booking_id, None
        desk = self._around.desk
        name = detail.booking.customer_name if detail else ""
        reply, note = (self._unsaved.get((booking_id, kind), desk.draft(booking_id, kind)) for kind in (False, True))
        self._composer.show_booking(name or self._around.words("row.nameless"), self._is_closed(detail), reply, note)

    def renamed(self, old_id: str, new_id: str) -> None:
        """What is typed and not yet on disk belongs to the booking under its new id."""
        if self._booking_id == old_id:
            self._booking_id = new_id
        for note in (False, True):
            if (old_id, note) in self._unsaved:
                self._unsaved[new_id, note] = self._unsaved.pop((old_id, note))

    def detail_changed(self, detail: BookingDetail | None) -> None:
        self._composer.set_closed(self._is_closed(detail))

    def link_changed(self, link: LinkState) -> None:
        self._composer.set_offline(not is_online(link))

    def edit(self, line: MessageLine | None) -> None:
        """Puts a line of ours back into the input: one still queued, or one already sent."""
        if line is not None:
            self._editing = line
            self._composer.begin_edit(line.text)

    def save_now(self) -> None:
        """Whatever is typed and not yet on disk goes there. What the disk does not take is kept here until it does."""
        self._save()

    def _save(self, *, quietly: bool = False) -> None:
        self._saving.stop()
        for (booking_id, note), text in list(self._unsaved.items()):
            if self._around.attempt(partial(self._around.desk.save_draft, booking_id, text, note), quietly=quietly):
                del self._unsaved[booking_id, note]
        if self._unsaved:
            self._again.start()

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
        line, desk = self._editing, self._around.desk
        if line is None or self._booking_id is None:
            return
        booking_id = self._booking_id
        queued = line.position is None and line.op_id is not None
        done = self._around.attempt(
            lambda: desk.edit_queued(line.op_id or "", text) if queued else desk.edit_message(booking_id, line.id, text)
        )
        if done:
            self._editing = None
            self._composer.take_text()

    def _leave(self) -> None:
        self.save_now()
        self._editing = None
        self.left.emit()

    def _stop_typing(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self._around.desk.set_typing(False)


def _timer(owner: QObject, after_ms: int, then) -> QTimer:  # type: ignore[no-untyped-def]
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(after_ms)
    timer.timeout.connect(then)
    return timer
