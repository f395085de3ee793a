"""How far each conversation was read here: marks that only rise, kept until the feed shows that the server has them.

A mark is good in the history it was made in alone: after a restore its position may be that of a message never shown.
"""

from typing import TYPE_CHECKING

from desktop.store.outbox_access import transaction, translated

if TYPE_CHECKING:
    from sqlite3 import Connection


class ReadMarks:
    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def advance(self, author_id: str, booking_id: str, position: int, epoch: str | None) -> bool:
        """Raises the mark; False where it already stands there or beyond. A mark of another history gives way."""
        with transaction(self._connection) as connection:
            changed = connection.execute(
                """INSERT INTO read_mark (author_id, booking_id, position, epoch) VALUES (?, ?, ?, ?)
                   ON CONFLICT DO UPDATE SET position = excluded.position, epoch = excluded.epoch
                   WHERE excluded.position > position OR epoch <> excluded.epoch""",
                (author_id, booking_id, position, epoch),
            ).rowcount
        return changed > 0

    def unconfirmed(self, author_id: str, epoch: str | None) -> dict[str, int]:
        """Booking to position, for all of this history that the server is not known to have."""
        with translated():
            rows = self._connection.execute(
                "SELECT booking_id, position FROM read_mark WHERE author_id = ? AND (epoch IS NULL OR epoch = ?)",
                (author_id, epoch),
            ).fetchall()
        return {row["booking_id"]: row["position"] for row in rows}

    def confirm(self, author_id: str, read: dict[str, int], epoch: str | None) -> None:
        """The server has these: forgets marks at or below them. A long stretch of the feed names very many bookings
        and few that are marked: the rest costs neither a statement nor a commit."""
        unconfirmed = self.unconfirmed(author_id, epoch)
        had = [booking_id for booking_id, marked in unconfirmed.items() if read.get(booking_id, -1) >= marked]
        if had:
            with transaction(self._connection) as connection:
                connection.executemany(
                    "DELETE FROM read_mark WHERE author_id = ? AND booking_id = ?",
                    [(author_id, booking_id) for booking_id in had],
                )

    def forget_others(self, epoch: str | None) -> None:
        """The history is another one now: what was read in those before is nothing to it."""
        with transaction(self._connection) as connection:
            connection.execute("DELETE FROM read_mark WHERE epoch IS NULL OR epoch <> ?", (epoch,))
