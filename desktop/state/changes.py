"""What has changed, told to whoever shows it: plain callbacks on the loop's thread, no Qt."""

from collections.abc import Callable
from dataclasses import dataclass

from desktop.state.lines import LinkState, Me

BookingsChanged = Callable[[frozenset[str] | None], None]
"""Gets the changed bookings' ids; None: everything, row numbers included."""
ConversationChanged = Callable[[str], None]
Told = Callable[[], None]
LinkChanged = Callable[[LinkState], None]
SessionChanged = Callable[[Me | None], None]
NoticeGiven = Callable[[str, dict[str, object]], None]
"""Gets the notice's text key and the values its text names."""


@dataclass(frozen=True, slots=True)
class _Listener:
    bookings: BookingsChanged | None
    conversation: ConversationChanged | None
    outbox: Told | None
    link: LinkChanged | None
    companions: ConversationChanged | None
    session: SessionChanged | None
    notice: NoticeGiven | None


class Changes:
    """Says what changed, never what it is now: listeners ask the store, so they cannot show an outdated copy."""

    def __init__(self) -> None:
        self._listeners: list[_Listener] = []

    def listen(
        self,
        *,
        bookings: BookingsChanged | None = None,
        conversation: ConversationChanged | None = None,
        outbox: Told | None = None,
        link: LinkChanged | None = None,
        companions: ConversationChanged | None = None,
        session: SessionChanged | None = None,
        notice: NoticeGiven | None = None,
    ) -> Callable[[], None]:
        """Calls the given functions from now on; what it returns stops that, and may be called twice."""
        listener = _Listener(bookings, conversation, outbox, link, companions, session, notice)
        self._listeners.append(listener)

        def stop_listening() -> None:
            self._listeners = [kept for kept in self._listeners if kept is not listener]

        return stop_listening

    def bookings_changed(self, ids: frozenset[str] | None) -> None:
        for listener in self._listeners:
            if listener.bookings is not None:
                listener.bookings(ids)

    def conversation_changed(self, booking_id: str) -> None:
        for listener in self._listeners:
            if listener.conversation is not None:
                listener.conversation(booking_id)

    def outbox_changed(self) -> None:
        for listener in self._listeners:
            if listener.outbox is not None:
                listener.outbox()

    def link_changed(self, link: LinkState) -> None:
        for listener in self._listeners:
            if listener.link is not None:
                listener.link(link)

    def companions_changed(self, booking_id: str) -> None:
        for listener in self._listeners:
            if listener.companions is not None:
                listener.companions(booking_id)

    def session_changed(self, me: Me | None) -> None:
        for listener in self._listeners:
            if listener.session is not None:
                listener.session(me)

    def notice(self, text_key: str, **values: object) -> None:
        for listener in self._listeners:
            if listener.notice is not None:
                listener.notice(text_key, values)
