"""A server with five people and one pending booking, a link to it that can be pulled, and desks that come to work."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.support.flaky_link import FlakyLink, flaky_link
from tests.support.headless_desk import Hands, at_work
from tests.support.people_made import Standing, address, make_people
from tests.support.running_server import RunningServer, running_server

PEOPLE: dict[str, Standing] = {
    "operator": ("operator", ()),
    "second": ("operator", ()),
    "customer": ("customer", ()),
    "technician": ("technician", ()),
    "other": ("technician", ()),
}
RATES = {"FIELDLINE_RATE_WRITE": "1000000/minute", "FIELDLINE_RATE_READ": "1000000/minute"}


class World:
    """A server, a link to it, a customer with one pending booking, everyone's ids."""

    def __init__(self, folder: Path, server: RunningServer, link: FlakyLink, ids: dict[str, str]) -> None:
        self.folder = folder
        self.server = server
        self.link = link
        self.ids = ids
        self.customer = server.client(address("customer"))
        self.staff = server.client(address("second"))
        self.booking = server.create_booking(self.customer)

    def do(self, who: httpx.Client, *operations: dict[str, Any]) -> list[dict[str, Any]]:
        answer = who.post("/sync/v1/ops", json={"device_id": "test", "ops": list(operations)})
        answer.raise_for_status()
        verdicts: list[dict[str, Any]] = answer.json()["verdicts"]
        return verdicts

    def rows(self, table: str, booking: str | None = None) -> list[dict[str, Any]]:
        answer = self.staff.get(f"/sync/v1/bookings/{booking or self.booking}")
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["tables"][table]
        return found

    def texts(self, kind: str = "text") -> list[str]:
        return [row["message"] for row in self.rows("messages") if row["kind"] == kind]

    def steps(self) -> list[dict[str, Any]]:
        return sorted(self.rows("status_history"), key=lambda step: step["version"])

    def head(self) -> int:
        return int(self.staff.get("/sync/v1/me").json()["head"])


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    ids = make_people(folder, PEOPLE)
    with running_server(folder, env=RATES) as server, flaky_link(server.url) as link:
        found = World(folder, server, link, ids)
        try:
            yield found
        finally:
            found.customer.close()
            found.staff.close()


@contextlib.asynccontextmanager
async def desk(found: World, name: str = "operator", **more: Any) -> AsyncIterator[Hands]:
    async with at_work(found.folder / f"profile-{name}", found.link.url, name, **more) as hands:
        await hands.live()
        yield hands
