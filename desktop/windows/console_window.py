"""The console: rail, bookings, conversation and facts, put together and kept in step with the desk."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from desktop.state.lines import BookingDetail, LinkState, Me
from desktop.widgets.shortcut_sheet import ShortcutSheet
from desktop.windows.account_menu import AccountMenu
from desktop.windows.appearance import Appearance
from desktop.windows.assign_menu import AssignMenu
from desktop.windows.bookings_side import BookingsSide
from desktop.windows.console_keys import bind_keys
from desktop.windows.console_panes import make_panes
from desktop.windows.conversation_side import ConversationSide
from desktop.windows.facts_side import FactsSide
from desktop.windows.life_side import LifeSide
from desktop.windows.link_side import LinkSide
from desktop.windows.new_booking_side import NewBookingSide
from desktop.windows.outbox_window import OutboxWindow
from desktop.windows.palette_side import PaletteSide
from desktop.windows.review_side import ReviewSide
from desktop.windows.sign_out_side import SignOutSide
from desktop.windows.surroundings import Surroundings
from desktop.windows.window_memory import WindowMemory
from desktop.windows.writing_side import WritingSide

FACTS_NEED, RAIL_NEEDS = 1000, 740
"""Widths, at normal size, below which a pane is folded away."""


class ConsoleWindow(QMainWindow):
    language_chosen = Signal(str)
    sign_in_wanted = Signal()
    signed_out = Signal()
    closed = Signal()
    ready = Signal()
    """The list has been painted with an order."""

    def __init__(
        self, surroundings: Callable[[QWidget], Surroundings], memory: WindowMemory, appearance: Appearance
    ) -> None:
        super().__init__()
        self.around = around = surroundings(self)
        self._memory, self.appearance = memory, appearance
        self.setWindowTitle(around.words("app.name"))
        self.setWindowIcon(around.icons.icon("fieldline", around.look.colours.accent, 48))
        self.setMinimumSize(1024, 640)
        self.resize(1440, 900)
        self.panes = make_panes(around, self)
        self.setCentralWidget(self.panes.whole)
        memory.restore_layout(self, self.panes.splitter)
        self.list_side = BookingsSide(around, self.panes.rail, self.panes.bookings, self.panes.model)
        self.conversation_side = ConversationSide(around, self.panes.conversation)
        self.writing = WritingSide(around, self.panes.conversation.composer)
        self.facts_side = FactsSide(around, self.panes.facts)
        self.link_side = LinkSide(around, self.panes.status, self.panes.banners)
        self.outbox = OutboxWindow(around, self)
        self.review_side = ReviewSide(around, self, self.facts_side.deciding)
        self.life_side = LifeSide(around, self.conversation_side, self)
        self.new_booking = NewBookingSide(around, self)
        self.commands = bind_keys(self)
        self.palette_side = PaletteSide(around, self, self.commands)
        self.menu = AccountMenu(around, self, self.commands, appearance.theme)
        self.assigning = AssignMenu(around, self)
        self.signing_out = SignOutSide(around, self, self.signed_out)
        self._waiting_since: str | None = None
        self._facts_wanted = True
        self._connect()
        self._listen()
        self._ticks = self._made_ticks()
        self.list_side.refresh()

    def _made_ticks(self) -> QTimer:
        ticks = QTimer(self)
        ticks.setInterval(1_000)
        ticks.timeout.connect(self._tick)
        ticks.start()
        self._tick()
        return ticks

    def _connect(self) -> None:
        panes = self.panes
        panes.bookings.booking_chosen.connect(self.open_booking)
        panes.bookings.reply_wanted.connect(lambda booking_id: self.write_to(booking_id, note=False))
        panes.bookings.note_wanted.connect(lambda booking_id: self.write_to(booking_id, note=True))
        panes.bookings.take_wanted.connect(self._take)
        panes.bookings.assign_wanted.connect(self.assigning.open)
        self.facts_side.assign_wanted.connect(self.assigning.open_at)
        self.facts_side.detail_changed.connect(self._show_detail)
        self.conversation_side.edit_wanted.connect(self.writing.edit)
        panes.conversation.composer.edit_last_wanted.connect(
            lambda: self.writing.edit(self.conversation_side.newest_own_queued())
        )
        panes.conversation.head.facts_toggled.connect(self.toggle_facts)
        self.writing.left.connect(panes.bookings.focus_rows)
        self.writing.sent.connect(panes.conversation.view.to_newest)
        self.link_side.outbox_wanted.connect(self.outbox.open)
        self.link_side.review_wanted.connect(self.review)
        self.link_side.sign_in_wanted.connect(self.sign_in_wanted)
        self.facts_side.message_wanted.connect(self.write_to)
        self.facts_side.review_wanted.connect(self.review_side.open)
        self.review_side.message_wanted.connect(self.write_to)
        for found in (self.outbox.booking_wanted, self.palette_side.booking_wanted, self.new_booking.opened):
            found.connect(self.open_booking)
        self.facts_side.detail_changed.connect(self.new_booking.in_front)
        self.list_side.listed.connect(self.ready)
        self.list_side.listed.connect(panes.bookings.focus_rows)
        panes.top.search_pressed.connect(self.palette_side.open)
        panes.top.menu_pressed.connect(lambda: self.menu.open_under(panes.top.me))
        self.menu.theme_chosen.connect(self._choose_theme)
        self.around.look.changed.connect(self._fold)
        self.menu.language_chosen.connect(self.language_chosen)
        self.menu.sign_out_chosen.connect(self.writing.save_now)  # drafts are somebody's: while somebody is here
        self.menu.sign_out_chosen.connect(self.signing_out.begin)

    def _listen(self) -> None:
        desk = self.around.desk
        self._stop_listening = desk.changes.listen(
            bookings=self._bookings_changed,
            renamed=self._booking_renamed,
            conversation=self._conversation_changed,
            outbox=self._outbox_changed,
            link=self._link_changed,
            companions=self.conversation_side.companions_changed,
            session=self._session_changed,
            notice=self._notice,
        )
        self._link_changed(desk.link)
        self._session_changed(desk.me)

    # --- what the operator does --------------------------------------------------------------------------------------

    def open_booking(self, booking_id: str) -> None:
        """Brings a booking's conversation and facts to the front; the focus stays where it is."""
        detail = self.around.desk.detail(booking_id)
        self.writing.open(booking_id, detail)
        self.conversation_side.open(booking_id)
        self._mark_open(booking_id)
        self.facts_side.open(booking_id)

    def _mark_open(self, booking_id: str) -> None:
        """The keyboard's row goes along; to none where the booking is not listed, so that R means the open one."""
        number = self.around.desk.row_number(booking_id)
        row = self.panes.model.row_of(number) if number is not None else None
        self.panes.bookings.mark_open(booking_id)
        if row is None:
            self.panes.bookings.set_no_current()
        elif self.panes.bookings.current_id() != booking_id:
            self.panes.bookings.set_current(row)

    def write_to(self, booking_id: str, note: bool) -> None:
        if booking_id != self.conversation_side.booking_id:
            self.open_booking(booking_id)
        self.panes.conversation.composer.set_note(note)

    def toggle_facts(self) -> None:
        self._facts_wanted = not self.panes.facts.isVisible()
        self.panes.facts.setVisible(self._facts_wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Where not all panes fit beside each other, the outer ones give way until there is room again."""
        room = self.width() / self.around.look.zoom
        self.panes.facts.setVisible(self._facts_wanted and room >= FACTS_NEED)
        self.panes.rail.setVisible(room >= RAIL_NEEDS)

    def review(self) -> None:
        """F8: presses of ours that were overtaken, the open booking's first; or what else needs a decision."""
        detail = self.around.desk.detail(self.facts_side.booking_id) if self.facts_side.booking_id else None
        front = detail.conflicts[0].op_id if detail and detail.conflicts else None
        if self.review_side.open(front):
            return
        if self.around.desk.link.decisions:
            self.outbox.open()
        else:
            self.around.toast.say(self.around.words("toast.no_conflicts"))

    def show_sheet(self) -> None:
        sheet = ShortcutSheet(self.around.words, self)
        sheet.finished.connect(sheet.deleteLater)
        sheet.open()

    def _take(self, booking_id: str) -> None:
        me = self.around.desk.me
        if me is not None:
            self.assigning.assign(booking_id, me.user_id)

    def _choose_theme(self, theme: str) -> None:
        self.appearance.choose(theme)
        self.menu.theme = theme

    # --- what the desk says ------------------------------------------------------------------------------------------

    def _bookings_changed(self, ids: frozenset[str] | None) -> None:
        self.list_side.bookings_changed(ids)
        if ids is None or self.facts_side.booking_id in ids:
            self.facts_side.refresh_soon()

    def _booking_renamed(self, old_id: str, new_id: str) -> None:
        """Whoever has it open keeps it open, once the click that did this is through with the input."""

        def follow() -> None:
            self.writing.renamed(old_id, new_id)
            if self.conversation_side.booking_id == old_id:
                self.open_booking(new_id)

        QTimer.singleShot(0, self, follow)

    def _conversation_changed(self, booking_id: str) -> None:
        self.conversation_side.conversation_changed(booking_id)
        self.life_side.changed()
        self.review_side.changed(booking_id)
        if booking_id == self.facts_side.booking_id:
            self.facts_side.refresh_soon()

    def _outbox_changed(self) -> None:
        self.outbox.outbox_changed()
        self.review_side.changed()
        self.life_side.changed()
        self.facts_side.refresh_soon()

    def _link_changed(self, link: LinkState) -> None:
        self.link_side.link_changed(link)
        self.writing.link_changed(link)
        self.facts_side.refresh_soon()

    def _session_changed(self, me: Me | None) -> None:
        if me is not None:
            self.panes.top.show_person(me.name, self.around.words(f"role.{me.role}"))

    def _notice(self, key: str, values: dict[str, object]) -> None:
        # Keys meant for a line being typed must decide nothing: then a banner and a toast ask, and F8 opens it.
        if key == "decisions_wanted" and not self.panes.conversation.composer.is_being_typed_in:
            self.review_side.open()
            return
        count = values.get("count", values.get("minutes", values.get("resent", 0)))
        self.around.toast.say(self.around.words(f"notice.{key}", **{**values, "count": count}))

    def _show_detail(self, detail: BookingDetail | None) -> None:
        self.writing.detail_changed(detail)
        self.panes.conversation.show_gone(detail is None)
        if detail is None:
            return
        head, booking = self.panes.conversation.head, detail.booking
        code = booking.code or self.around.words("row.no_code")
        head.show_booking(booking.customer_name, code, self.around.statuses.title(booking.workflow))
        head.show_status(booking.workflow, *self.facts_side.status(detail))
        number = self.around.desk.row_number(booking.id)
        lines = self.around.desk.booking_lines([number]) if number is not None else []
        self._waiting_since = lines[0].waiting_since if lines else None
        self.facts_side.show_waiting(self._waiting_since)

    def _tick(self) -> None:
        self.list_side.tick()
        self.link_side.tick()
        self.facts_side.show_waiting(self._waiting_since)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._ticks.stop()
        self.writing.save_now()
        self.around.desk.set_open(None)  # whoever sits down next has not got it before them
        self.list_side.close()
        self.palette_side.close()
        self.facts_side.close()
        self._memory.keep_layout(self, self.panes.splitter)
        self._stop_listening()
        self.closed.emit()
        super().closeEvent(event)
