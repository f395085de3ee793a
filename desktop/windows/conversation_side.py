"""Joins the conversation to the desk: opening, paging upward, staying in step, and what counts as read."""

from PySide6.QtCore import QObject, QPoint, QTimer, QUrl, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QDesktopServices, QGuiApplication

from desktop.item_models.conversation_rows import conversation_rows
from desktop.state.lines import Conversation, MessageLine
from desktop.widgets.conversation_pane import ConversationPane
from desktop.windows.message_menu import MessageMenu
from desktop.windows.surroundings import Surroundings

PAGE = 50
READ_AFTER_MS = 1_000
"""Lines count as read after this long on a screen whose window is active (Signal #3607)."""


class ConversationSide(QObject):
    opened = Signal(str)
    edit_wanted = Signal(object)
    """The MessageLine whose text the operator wants to change."""
    life_wanted = Signal(object)
    """The MessageLine of which the operator wants to know what happened to it."""

    def __init__(self, around: Surroundings, pane: ConversationPane) -> None:
        super().__init__(pane)
        self._around, self._pane, self._view = around, pane, pane.view
        self.booking_id: str | None = None
        self._shown: Conversation | None = None
        self._limit = PAGE
        self._unread_from: int | None = None
        self._seen_to = 0
        self._read_to = 0
        self._asked_older = False
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(READ_AFTER_MS)
        self._reading.timeout.connect(self._mark_read)
        self._menu = MessageMenu(around, self)
        self._view.top_neared.connect(self._page_up)
        self._view.bottom_left.connect(lambda _: self._show_jump())
        self._view.shown_changed.connect(self._watch)
        self._view.action_pressed.connect(self.act)
        self._view.link_pressed.connect(self.follow)
        self._view.menu_wanted.connect(self._open_menu)
        pane.head.code_pressed.connect(self._copy_code)

    def open(self, booking_id: str) -> None:
        """Another booking in front: the unread line stays where it is until the next opening."""
        self.booking_id, self._limit, self._asked_older = booking_id, PAGE, False
        self._seen_to = self._read_to = 0
        self._around.desk.set_open(booking_id)
        found = self._around.desk.conversation(booking_id, self._limit)
        self._unread_from = found.unread_from
        self._show(found, from_start=True)
        self._show_companions()
        self._pane.show_page(True)
        self.opened.emit(booking_id)
        self._watch()

    def close(self) -> None:
        self.booking_id = self._shown = None
        self._around.desk.set_open(None)
        self._pane.show_page(False)

    def conversation_changed(self, booking_id: str) -> None:
        if booking_id == self.booking_id:
            self._asked_older = False
            self._pane.show_earlier(False)
            self._show(self._around.desk.conversation(booking_id, self._limit))
            self._watch()

    def companions_changed(self, booking_id: str) -> None:
        if booking_id == self.booking_id:
            self._show_companions()

    def newest_own_queued(self) -> MessageLine | None:
        """The last line of ours that is still on this computer, for ↑ in an empty input."""
        lines = self._shown.lines if self._shown else ()
        return next((line for line in reversed(lines) if line.mine and line.position is None and line.op_id), None)

    def line_in_question(self) -> MessageLine | None:
        """The line that the keyboard is on, else our newest, else the newest."""
        lines = self._shown.lines if self._shown else ()
        newest = next((line for line in reversed(lines) if line.mine), lines[-1] if lines else None)
        return (self._view.current_line() if self._view.hasFocus() else None) or newest

    def line_beside(self, line: MessageLine, by: int) -> MessageLine | None:
        """The line `by` places further down, among those that are loaded."""
        lines = self._shown.lines if self._shown else ()
        place = next((place for place, each in enumerate(lines) if each.id == line.id), None)
        wanted = -1 if place is None else place + by
        return lines[wanted] if 0 <= wanted < len(lines) else None

    def follow(self, url: str) -> None:
        """Opens a link of a message in the system's browser; nothing but web addresses is ever opened."""
        QDesktopServices.openUrl(QUrl(url if "://" in url else f"https://{url}"))

    def select_text(self, line_id: str) -> None:
        self._view.select_text(line_id)

    def act(self, name: str, line: MessageLine) -> None:
        """Retry, Edit, Discard or Send now under a bubble that was not sent."""
        op_id, desk = line.op_id or line.id, self._around.desk
        if name in ("retry", "send_now"):
            self._around.attempt(lambda: desk.retry(op_id))
        elif name == "edit":
            self.edit_wanted.emit(line)
        elif name == "discard" and self._around.attempt(lambda: desk.discard_line(op_id)):
            QGuiApplication.clipboard().setText(line.text)
            self._around.toast.say(self._around.words("outbox.discarded"))

    def _show(self, found: Conversation, from_start: bool = False) -> None:
        before, self._shown = self._shown, found
        rows = conversation_rows(found.lines, self._unread_from, self._around.moments.day)
        self._pane.show_lines(bool(rows))
        self._view.show_rows(rows, from_start)
        if not from_start and before is not None:
            self._announce(before, found)
        self._show_jump()

    def _announce(self, before: Conversation, found: Conversation) -> None:
        """A customer's new line is said politely to a screen reader."""
        last, known = (found.lines[-1] if found.lines else None), {line.id for line in before.lines[-20:]}
        if last is None or last.id in known or last.side != "customer" or not QAccessible.isActive():
            return
        text = self._around.words("conversation.heard", name=last.sender_name, text=last.text)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._view, text))

    def _show_companions(self) -> None:
        if self.booking_id is not None:
            self._pane.show_companions(self._around.desk.companions(self.booking_id))

    def _show_jump(self) -> None:
        away = self._view.is_away
        newest = max((line.position or 0 for line in self._shown.lines), default=0) if self._shown else 0
        if not away:
            self._seen_to = newest
        lines = self._shown.lines if self._shown else ()
        fresh = sum((line.position or 0) > self._seen_to and line.side == "customer" for line in lines)
        self._pane.show_jump(away, fresh if self._seen_to else 0)

    def _page_up(self) -> None:
        if self._shown is None or self.booking_id is None or not self._shown.more or self._asked_older:
            return
        have = sum(line.position is not None for line in self._shown.lines)
        if have >= self._limit:
            self._limit += PAGE
            self._show(self._around.desk.conversation(self.booking_id, self._limit))
        else:
            self._asked_older = True
            self._limit += PAGE
            self._pane.show_earlier(True)
            self._around.desk.load_older(self.booking_id)

    def _watch(self) -> None:
        if self.booking_id is not None and not self._reading.isActive():
            self._reading.start()

    def _mark_read(self) -> None:
        position = self._view.newest_shown()
        if self.booking_id is None or position is None or position <= self._read_to:
            return
        if not self._pane.isVisible() or not self._pane.window().isActiveWindow():
            self._reading.start()
            return
        booking_id = self.booking_id
        # What the disk does not take is tried until it does; a banner says meanwhile that there is no room.
        if self._around.attempt(lambda: self._around.desk.mark_read(booking_id, position), quietly=True):
            self._read_to = position
        else:
            self._reading.start()

    def _open_menu(self, line: MessageLine, url: str, at: QPoint) -> None:
        if self.booking_id is not None:
            self._menu.open(self.booking_id, line, url, at)

    def _copy_code(self) -> None:
        detail = self._around.desk.detail(self.booking_id) if self.booking_id else None
        if detail is not None and detail.booking.code:
            QGuiApplication.clipboard().setText(detail.booking.code)
            self._around.toast.say(self._around.words("conversation.code_copied", code=detail.booking.code))
