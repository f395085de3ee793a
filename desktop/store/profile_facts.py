"""Single facts of a profile: its device id, its server, the saved session. In the encrypted file, never in plain."""

from typing import TYPE_CHECKING

from contract.ids import new_id
from desktop.store.sqlcipher import transaction, translated

if TYPE_CHECKING:
    from sqlite3 import Connection


class ProfileFacts:
    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        with translated():
            row = self._connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return row["value"] if row else None

    def put(self, name: str, value: str | None) -> None:
        """None takes the fact away."""
        with transaction(self._connection) as connection:
            if value is None:
                connection.execute("DELETE FROM fact WHERE name = ?", (name,))
            else:
                connection.execute(
                    "INSERT INTO fact VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value)
                )

    def device_id(self) -> str:
        """This profile's own, made once."""
        found = self.get("device_id")
        if found is None:
            found = new_id()
            self.put("device_id", found)
        return found
