"""Joins the facts pane to the desk: pressing, asking, undoing, deciding, assigning."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from contract.moments import to_ms
from desktop.state.lines import BookingDetail
from desktop.state.overtaken import Choice
from desktop.widgets.action_buttons import ButtonFace
from desktop.widgets.facts_pane import FactsPane
from desktop.widgets.link_words import is_online
from desktop.widgets.press_dialog import AskedValue, PressDialog, PressWords
from desktop.windows.conflict_sentences import ConflictSentences
from desktop.windows.deciding import Deciding, Outcome, Undecided
from desktop.windows.facts_words import FactsWords
from desktop.windows.surroundings import Surroundings

AFTER_MS = 30
"""Facts follow what else a click changes, so that its bubble comes first; a press of a button here shows at once."""


class FactsSide(QObject):
    detail_changed = Signal(object)
    """The BookingDetail in front, or None: for the conversation's head and the composer."""
    assign_wanted = Signal(str, QWidget)
    message_wanted = Signal(str, bool)
    """The booking, and whether it is for colleagues only."""
    review_wanted = Signal(str)
    """The operation that is to be in front."""

    def __init__(self, around: Surroundings, pane: FactsPane) -> None:
        super().__init__(pane)
        self._around, self._pane = around, pane
        self._said = FactsWords(around)
        self._sentences = ConflictSentences(around)
        self.deciding = Deciding(around, self.ask)
        self.booking_id: str | None = None
        self._detail: BookingDetail | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(AFTER_MS)
        self._soon.timeout.connect(self.refresh)
        pane.buttons.pressed.connect(self.press)
        pane.buttons.looked_at.connect(self._preview)
        pane.undone.connect(self.undo)
        pane.confirmed.connect(lambda op_id: self._around.attempt(lambda: self._around.desk.retry(op_id)))
        pane.dropped.connect(lambda op_id: self._around.attempt(lambda: self._around.desk.discard(op_id)))
        pane.decided.connect(self._decide)
        pane.review_wanted.connect(self.review_wanted)
        pane.take_pressed.connect(self.take)
        pane.assign_pressed.connect(self._assign)

    def open(self, booking_id: str) -> None:
        self.booking_id = booking_id
        self._pane.preview.show_hint()
        self.refresh()

    def close(self) -> None:
        """The window goes, and what it was about to look up may go with it."""
        self.booking_id = None
        self._soon.stop()

    def refresh_soon(self) -> None:
        """Once, after everything that one click changes has been told, and after its bubble is on the screen."""
        self._soon.start()

    def refresh(self) -> None:
        """Shows the booking as the store and the outbox have it now."""
        if self.booking_id is None:
            return
        self._detail = detail = self._around.desk.detail(self.booking_id)
        self._pane.show_page(detail is not None)
        if detail is None:
            self.detail_changed.emit(None)
            return
        said, booking, me = self._said, detail.booking, self._around.desk.me
        self._pane.pill.show_status(booking.workflow, *self.status(detail))
        self._pane.show_conflicts([self._sentences.of(detail, card) for card in detail.conflicts])
        self._pane.show_buttons(self._faces(detail), not detail.pending)
        self._pane.show_pending(said.pending(detail))
        mine = bool(me and me.user_id == booking.assignee_id)
        self._pane.show_assignee(said.assignee(detail), detail.may_assign and not mine, detail.may_assign)
        self._pane.show_facts(said.facts(detail))
        self._pane.show_history(said.history(detail))
        self.detail_changed.emit(detail)

    def status(self, detail: BookingDetail) -> tuple[str, str | None]:
        """The status that stands, and the one that our presses on their way lead to."""
        return detail.booking.status, detail.pending_status

    def show_waiting(self, since: str | None) -> None:
        moments, words = self._around.moments, self._around.words
        self._pane.waiting.setText(f"{words('facts.waiting')} {moments.waiting(since)}" if since else "")

    def press(self, transition: str) -> None:
        """A button: straight away, or after what it asks for."""
        detail = self._detail
        if detail is not None:
            self.ask(detail, transition, partial(self._send, detail.booking.id, transition))

    def ask(
        self,
        detail: BookingDetail,
        transition: str,
        then: Callable[[Mapping[str, str]], bool],
        parent: QWidget | None = None,
        others: int = 0,
    ) -> None:
        """Goes on with the values that the step asks for; straight away where it asks for nothing. `then` says whether
        they are on disk: until they are the question stays, with all that was written. `others`: bookings of which the
        same is done."""
        found = self._said.transition(detail, transition)
        if found is None:
            return
        if not (found.ask or found.confirm or found.danger):
            then({})
            return
        dialog = self._dialog(detail, transition, parent or self._pane.window(), others)
        dialog.agreed.connect(lambda values: dialog.accept() if then(values) else None)
        dialog.open()

    def undo_newest(self) -> bool:
        """Ctrl+Z: takes back the newest press that still can be; whether there was one."""
        detail = self._around.desk.detail(self.booking_id) if self.booking_id else None
        open_ones = [press for press in (detail.pending if detail else ()) if press.undo_until is not None]
        if not open_ones:
            return False
        self.undo(max(open_ones, key=lambda press: to_ms(press.at)).op_id)
        return True

    def undo(self, op_id: str) -> None:
        undone: list[bool] = []
        if self._around.attempt(lambda: undone.append(self._around.desk.undo_press(op_id))):
            self.refresh()
            self._around.toast.say(self._around.words("toast.undone" if undone[0] else "toast.too_late"))

    def take(self) -> None:
        me = self._around.desk.me
        if self._detail is not None and me is not None:
            booking, user_id = self._detail.booking, me.user_id
            if self._around.attempt(lambda: self._around.desk.assign(booking.id, user_id)):
                self._around.toast.say(self._around.words("toast.taken", code=self._around.sentences.named(booking)))

    def _assign(self, at: QWidget) -> None:
        if self.booking_id is not None:
            self.assign_wanted.emit(self.booking_id, at)

    def _faces(self, detail: BookingDetail) -> list[ButtonFace]:
        words, link = self._around.words, self._around.desk.link
        online, faces = is_online(link), list[ButtonFace]()
        for name in detail.buttons:
            found = self._said.transition(detail, name)
            if found is None:
                continue
            label = self._said.button(detail, name)
            denied = words("facts.denied_offline") if not online and found.offline == "deny" else ""
            denied = words("facts.denied_damaged") if link.outbox_damaged else denied
            shown = label if online or denied else words("facts.queue_button", button=label)
            asks = bool(found.ask or found.confirm or found.danger)
            faces.append(ButtonFace(name, shown, found.danger, asks, denied))
        return faces

    def _preview(self, transition: str) -> None:
        if not transition or self._detail is None:
            self._pane.preview.show_hint()
            return
        text = self._said.posted(self._detail, transition, {})
        head = self._said.preview_head(self._detail) if text else self._around.words("facts.preview_none")
        self._pane.preview.show_text(head, text)

    def _dialog(self, detail: BookingDetail, transition: str, parent: QWidget, others: int = 0) -> PressDialog:
        found = self._said.transition(detail, transition)
        booking, words = detail.booking, self._around.words
        name = booking.customer_name or words("row.nameless")
        subtitle = words("press.for_booking", code=booking.code or words("row.no_code"), name=name)
        said = PressWords(
            self._said.button(detail, transition),
            f"{subtitle} {words('press.and_others', count=others)}" if others else subtitle,
            self._said.preview_head(detail),
            bool(found and found.danger),
        )
        asked = [
            AskedValue(key, ask.label.get(words.lang) or ask.label.get("en") or key, ask.required)
            for key, ask in (found.ask if found else {}).items()
        ]
        dialog = PressDialog(words, said, asked, partial(self._said.posted, detail, transition), parent)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _send(self, booking_id: str, transition: str, values: Mapping[str, str]) -> bool:
        done = self._around.attempt(lambda: self._around.desk.press(booking_id, transition, values))
        if done:
            self.refresh()
        return done

    def _decide(self, op_id: str, choice: Choice) -> None:
        detail = self._detail
        card = next((card for card in detail.conflicts if card.op_id == op_id), None) if detail else None
        if detail is None or card is None:
            return
        if choice.verb == "ask":
            self.message_wanted.emit(detail.booking.id, not card.is_theirs)
        else:
            self.deciding.decide([Undecided(op_id, card, detail)], choice, self._decided)

    def _decided(self, outcome: Outcome) -> None:
        if outcome.why:
            self._around.toast.say(outcome.why)
