"""What is being typed, kept per person, booking and kind of line, so that a crash costs nothing."""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from desktop.store.outbox_access import transaction, translated

if TYPE_CHECKING:
    from sqlite3 import Connection


class Drafts:
    """`kind` is the message's: text for the other side, note for colleagues. Each has its own draft. A third one, edit,
    is of a line being changed (see desktop/intents/save_edit.py)."""

    def __init__(self, connection: "Connection", clock: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._clock = clock

    def text(self, author_id: str, booking_id: str, kind: str = "text") -> str:
        """Empty where there is none."""
        with translated():
            row = self._connection.execute(
                "SELECT text FROM draft WHERE author_id = ? AND booking_id = ? AND kind = ?",
                (author_id, booking_id, kind),
            ).fetchone()
        return row["text"] if row else ""

    def save(self, author_id: str, booking_id: str, text: str, kind: str = "text") -> None:
        """An empty text takes the draft away."""
        with transaction(self._connection) as connection:
            if not text.strip():
                self.clear(author_id, booking_id, kind)
                return
            connection.execute(
                """INSERT INTO draft VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at""",
                (author_id, booking_id, kind, text, self._clock()),
            )

    def clear(self, author_id: str, booking_id: str, kind: str) -> None:
        """In whatever transaction is open."""
        self._connection.execute(
            "DELETE FROM draft WHERE author_id = ? AND booking_id = ? AND kind = ?", (author_id, booking_id, kind)
        )

    def take_along(self, author_id: str, booking_id: str, to: str) -> None:
        """To the booking that takes this one's place, in whatever transaction is open."""
        self._connection.execute(
            "UPDATE draft SET booking_id = ? WHERE author_id = ? AND booking_id = ?", (to, author_id, booking_id)
        )

    def among(self, author_id: str, booking_ids: Iterable[str]) -> set[str]:
        """Which of these bookings have one, of whichever kind."""
        wanted = msgspec.json.encode(list(booking_ids)).decode()
        with translated():
            rows = self._connection.execute(
                "SELECT booking_id FROM draft WHERE author_id = ? AND booking_id IN (SELECT value FROM json_each(?))",
                (author_id, wanted),
            ).fetchall()
        return {row["booking_id"] for row in rows}
