"""Single facts of a profile: its device id, its server, the saved session. In the encrypted file, never in plain."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from contract.ids import new_id
from desktop.store.sqlcipher import transaction, translated

if TYPE_CHECKING:
    from sqlite3 import Connection

_DEVICE, _HOME = "device_id", "device_home"


class ProfileFacts:
    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        with translated():
            row = self._connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return row["value"] if row else None

    def put(self, name: str, value: str | None) -> None:
        """None takes the fact away."""
        self.put_all({name: value})

    def put_all(self, facts: Mapping[str, str | None]) -> None:
        """Facts that only make sense together, in one commit."""
        with transaction(self._connection) as connection:
            for name, value in facts.items():
                if value is None:
                    connection.execute("DELETE FROM fact WHERE name = ?", (name,))
                else:
                    connection.execute(
                        "INSERT INTO fact VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value)
                    )

    def device_id(self, home: Path) -> str:
        """This profile's own, made once for the folder it lives in: a copy in another folder is another device. What is
        queued in both is one operation all the same, its id says so."""
        found, at = self.get(_DEVICE), str(home.resolve())
        if found is None or self.get(_HOME) != at:
            found = self.renew_device()
            self.put(_HOME, at)
        return found

    def renew_device(self) -> str:
        """Another id, for a profile that shares its own with a copy of itself."""
        found = new_id()
        self.put(_DEVICE, found)
        return found
