"""Single facts of a profile: its device id, its server, the saved session. In the encrypted file, never in plain."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from contract.ids import new_id
from desktop.store.outbox_access import transaction, translated

if TYPE_CHECKING:
    from sqlite3 import Connection

_DEVICE, _PLACE, _SERVER = "device_id", "device_place", "server_url"


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

    @property
    def server_url(self) -> str:
        """The server of the last start; empty where there was none."""
        return self.get(_SERVER) or ""

    def keep_server(self, url: str) -> None:
        self.put(_SERVER, url)

    def try_room(self) -> None:
        """Writes something small. Raises DiskFull where not even that can be kept."""
        self.put("room", "yes")

    def device_id(self, place: str) -> str | None:
        """As kept for the place of that name (see place_of): a copy elsewhere is another device. What is queued in both
        is one operation all the same, its id says so."""
        return self.get(_DEVICE) if self.get(_PLACE) == place else None

    def keep_device(self, device_id: str, place: str) -> None:
        self.put_all({_DEVICE: device_id, _PLACE: place})

    def renew_device(self) -> str:
        """Another id, for a profile that shares its own with a copy of itself."""
        found = new_id()
        self.put(_DEVICE, found)
        return found
