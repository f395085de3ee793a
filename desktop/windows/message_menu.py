"""The menu of one message: copy, follow a link, and what may still be done with a line of one's own."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from contract.permissions import may
from desktop.state.lines import MessageLine
from desktop.widgets.shortcuts import Shortcut, with_keys
from desktop.windows.surroundings import Surroundings

if TYPE_CHECKING:
    from desktop.windows.conversation_side import ConversationSide


class MessageMenu:
    def __init__(self, around: Surroundings, side: "ConversationSide") -> None:
        self._around = around
        self._side = side

    def open(self, booking_id: str, line: MessageLine, url: str, at: QPoint) -> None:
        """Shows the menu at a place of the screen."""
        self.build(booking_id, line, url).popup(at)

    def build(self, booking_id: str, line: MessageLine, url: str) -> QMenu:
        """The entries that make sense for this line now."""
        menu, words, around = QMenu(self._around.toast.window()), self._around.words, self._around
        menu.aboutToHide.connect(menu.deleteLater)
        text = around.sentences.text(line)
        if url:
            menu.addAction(words("conversation.open_link"), lambda: self._side.follow(url))
            menu.addAction(words("conversation.copy_link"), lambda: self._copy(url))
        menu.addAction(words("conversation.copy"), lambda: self._copy(text))
        stamped = f"{around.sentences.sender(line)}, {around.moments.full(line.at)}: {text}"
        menu.addAction(words("conversation.copy_with_time"), lambda: self._copy(stamped))
        menu.addAction(with_keys(words("conversation.life"), Shortcut.LIFE), lambda: self._side.life_wanted.emit(line))
        if not line.removed:
            menu.addAction(words("conversation.select"), partial(self._side.select_text, line.id))
        if line.position is None and line.op_id:
            menu.addSeparator()
            for name in ("retry", "edit", "discard"):
                menu.addAction(words(f"conversation.{name}"), partial(self._side.act, name, line))
        elif self._may_change(line):
            menu.addSeparator()
            if line.mine:
                menu.addAction(words("conversation.edit"), lambda: self._side.edit_wanted.emit(line))
            menu.addAction(words("conversation.remove"), lambda: self._remove(booking_id, line))
        return menu

    def _may_change(self, line: MessageLine) -> bool:
        me = self._around.desk.me
        if me is None or line.removed or line.side == "system":
            return False
        return line.mine or may(me.role, "message.remove_any")

    def _remove(self, booking_id: str, line: MessageLine) -> None:
        if self._around.attempt(lambda: self._around.desk.remove_message(booking_id, line.id)):
            self._around.toast.say(self._around.words("toast.removed"))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._around.toast.say(self._around.words("conversation.copied"))
