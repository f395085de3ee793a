"""How far each conversation was read here: marks that only rise, kept until the feed shows that the server has them."""

from typing import TYPE_CHECKING

from desktop.store.sqlcipher import transaction, translated

if TYPE_CHECKING:
    from sqlite3 import Connection


class ReadMarks:
    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def advance(self, author_id: str, booking_id: str, position: int) -> bool:
        """Raises the mark; False where it already stands there or beyond."""
        with transaction(self._connection) as connection:
            changed = connection.execute(
                """INSERT INTO read_mark VALUES (?, ?, ?)
                   ON CONFLICT DO UPDATE SET position = excluded.position WHERE excluded.position > position""",
                (author_id, booking_id, position),
            ).rowcount
        return changed > 0

    def unconfirmed(self, author_id: str) -> dict[str, int]:
        """Booking to position, for all that the server is not known to have."""
        with translated():
            rows = self._connection.execute(
                "SELECT booking_id, position FROM read_mark WHERE author_id = ?", (author_id,)
            ).fetchall()
        return {row["booking_id"]: row["position"] for row in rows}

    def confirm(self, author_id: str, read: dict[str, int]) -> None:
        """The server has these: forgets marks at or below them. A long stretch of the feed names very many bookings
        and few that are marked: the rest costs neither a statement nor a commit."""
        unconfirmed = self.unconfirmed(author_id)
        had = [booking_id for booking_id, marked in unconfirmed.items() if read.get(booking_id, -1) >= marked]
        if had:
            with transaction(self._connection) as connection:
                connection.executemany(
                    "DELETE FROM read_mark WHERE author_id = ? AND booking_id = ?",
                    [(author_id, booking_id) for booking_id in had],
                )
