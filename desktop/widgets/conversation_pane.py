"""The middle pane: head, lines, who is typing, the way back to the newest line, and the composer."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from desktop.state.lines import Companion
from desktop.widgets.composer import Composer
from desktop.widgets.conversation_head import ConversationHead
from desktop.widgets.conversation_view import ConversationView
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.icons import Icons
from desktop.widgets.labels import ElidedLabel
from desktop.widgets.look import Look
from desktop.widgets.shortcuts import Shortcut, with_keys
from desktop.widgets.words import Words


class ConversationPane(QStackedWidget):
    def __init__(
        self, look: Look, icons: Icons, words: Words, head: ConversationHead, view: ConversationView, composer: Composer
    ) -> None:
        super().__init__()
        self._look, self._icons, self._words = look, icons, words
        self.setObjectName("conversation")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.head, self.view, self.composer = head, view, composer
        self._earlier = ElidedLabel("earlier")
        self._earlier.setText(words("conversation.earlier"))
        self._earlier.setContentsMargins(20, 4, 20, 4)
        self._earlier.hide()
        self._typing = ElidedLabel("typing")
        self._typing.setContentsMargins(20, 0, 20, 5)
        self._nothing = EmptyState(look, icons, "message-square")
        self._nothing.say(words("conversation.none_open"), words("conversation.none_open_hint"))
        self._no_lines = EmptyState(look, icons, "message-square")
        self._no_lines.say(words("conversation.no_lines"), words("conversation.no_lines_hint"))
        self._gone = EmptyState(look, icons, "message-square")
        self._gone.say(words("conversation.gone"), words("conversation.gone_hint"))
        self._middle = QStackedWidget()
        self._middle.addWidget(view)
        self._middle.addWidget(self._no_lines)
        self._middle.addWidget(self._gone)
        self._has_lines = self._is_gone = False
        self._page = QWidget()
        self._jump = QPushButton(view)
        self._build()
        view.installEventFilter(self)
        look.changed.connect(self._restyle)
        self._restyle()

    def _build(self) -> None:
        layout = QVBoxLayout(self._page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self._earlier)
        layout.addWidget(self._middle, 1)
        layout.addWidget(self._typing)
        layout.addWidget(self.composer)
        self.addWidget(self._nothing)
        self.addWidget(self._page)
        self._jump.setProperty("kind", "jump")
        self._jump.setToolTip(with_keys(self._words("conversation.jump"), Shortcut.NEWEST))
        self._jump.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._jump.hide()
        self._jump.clicked.connect(self.view.to_newest)

    def show_page(self, is_open: bool) -> None:
        """The conversation, or the sentence that none is open."""
        self.setCurrentWidget(self._page if is_open else self._nothing)

    def show_lines(self, some: bool) -> None:
        self._has_lines = some
        self._show_middle()

    def _show_middle(self) -> None:
        found = self.view if self._has_lines else self._no_lines
        self._middle.setCurrentWidget(self._gone if self._is_gone else found)

    def show_gone(self, is_gone: bool) -> None:
        """Instead of head and lines, that the booking is not here, until it is again."""
        self._is_gone = is_gone
        self.head.setVisible(not is_gone)
        self._typing.setVisible(not is_gone)
        self.composer.set_gone(is_gone)
        self._show_middle()

    def show_earlier(self, coming: bool) -> None:
        """Older lines have been asked for."""
        self._earlier.setVisible(coming)

    def show_companions(self, companions: Sequence[Companion]) -> None:
        """Customers and colleagues who type, as a sentence; colleagues who look, in the head."""
        typing = [person.name for person in companions if person.typing]
        self.head.show_companions([person.name for person in companions if person.side != "customer"])
        joined = self._words("conversation.and").join(typing)
        key = "conversation.typing_one" if len(typing) == 1 else "conversation.typing_many"
        self._typing.setText(self._words(key, name=joined, names=joined) if typing else "")

    def show_jump(self, away: bool, new_lines: int) -> None:
        """The button that leads to the newest line, with how many came meanwhile."""
        text = self._words("conversation.new_lines", count=new_lines) if new_lines else ""
        self._jump.setText(text)
        self._jump.setAccessibleName(text or self._words("conversation.jump"))
        self._jump.setVisible(away)
        self._place_jump()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.view and event.type() == QEvent.Type.Resize:
            self._place_jump()
        return super().eventFilter(watched, event)

    def _place_jump(self) -> None:
        self._jump.adjustSize()
        room = self.view.rect()
        self._jump.move(
            (room.width() - self._jump.width()) // 2, room.height() - self._jump.height() - self._look.px(12)
        )
        self._jump.raise_()

    def _restyle(self) -> None:
        self._jump.setIcon(self._icons.icon("arrow-down", self._look.colours.on_accent, self._look.px(16)))
        self._jump.setIconSize(QSize(self._look.px(16), self._look.px(16)))
        self.view.relayout()
