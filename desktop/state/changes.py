"""What has changed, told to whoever shows it: plain callbacks on the loop's thread, no Qt."""

from collections.abc import Callable
from typing import TypedDict, Unpack

from desktop.state.lines import LinkState, Me

BookingsChanged = Callable[[frozenset[str] | None], None]
"""Gets the changed bookings' ids; None: everything, row numbers included."""
ConversationChanged = Callable[[str], None]
BookingRenamed = Callable[[str, str], None]
"""Gets the id that a booking opened here has had, and the one it has now with all that was done in it."""
Told = Callable[[], None]
LinkChanged = Callable[[LinkState], None]
SessionChanged = Callable[[Me | None], None]
NoticeGiven = Callable[[str, dict[str, object]], None]
"""Gets the notice's text key and the values its text names."""


class Listener(TypedDict, total=False):
    bookings: BookingsChanged
    renamed: BookingRenamed
    conversation: ConversationChanged
    outbox: Told
    link: LinkChanged
    companions: ConversationChanged
    session: SessionChanged
    notice: NoticeGiven


class Changes:
    """Says what changed, never what it is now: listeners ask the store, so they cannot show an outdated copy."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, **listener: Unpack[Listener]) -> Callable[[], None]:
        """Calls the given functions from now on; what it returns stops that, and may be called twice."""
        self._listeners.append(listener)

        def stop_listening() -> None:
            self._listeners = [kept for kept in self._listeners if kept is not listener]

        return stop_listening

    def bookings_changed(self, ids: frozenset[str] | None) -> None:
        for listener in self._listeners:
            if "bookings" in listener:
                listener["bookings"](ids)

    def booking_renamed(self, old_id: str, new_id: str) -> None:
        for listener in self._listeners:
            if "renamed" in listener:
                listener["renamed"](old_id, new_id)

    def conversation_changed(self, booking_id: str) -> None:
        for listener in self._listeners:
            if "conversation" in listener:
                listener["conversation"](booking_id)

    def outbox_changed(self) -> None:
        for listener in self._listeners:
            if "outbox" in listener:
                listener["outbox"]()

    def link_changed(self, link: LinkState) -> None:
        for listener in self._listeners:
            if "link" in listener:
                listener["link"](link)

    def companions_changed(self, booking_id: str) -> None:
        for listener in self._listeners:
            if "companions" in listener:
                listener["companions"](booking_id)

    def session_changed(self, me: Me | None) -> None:
        for listener in self._listeners:
            if "session" in listener:
                listener["session"](me)

    @property
    def notices_are_heard(self) -> bool:
        """Whether anybody would hear one now."""
        return any("notice" in listener for listener in self._listeners)

    def notice(self, text_key: str, **values: object) -> None:
        for listener in self._listeners:
            if "notice" in listener:
                listener["notice"](text_key, values)
