"""A server with two customers, their bookings and an operator, and sockets that speak as supabase-js does."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from contract.ids import new_id
from tests.support.people_made import Standing, address, make_people
from tests.support.phoenix_client import PhoenixClient, Received
from tests.support.running_server import RunningServer, running_server

PEOPLE: dict[str, Standing] = {
    "omar": ("customer", ()),
    "sara": ("customer", ()),
    "olga": ("operator", ()),
    "tom": ("technician", ()),
    "oskar": ("operator", ()),
}


class World:
    """`mine` is Omar's booking, `theirs` is Sara's; `code` is the first one's."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.omar, self.sara, self.operator, self.tom, self.oskar = (server.client(address(name)) for name in PEOPLE)
        self.mine, self.theirs = server.create_booking(self.omar), server.create_booking(self.sara)
        self.code: str = self.omar.get(f"/sync/v1/bookings/{self.mine}").json()["tables"]["bookings"][0]["code"]

    def token(self, client: httpx.Client) -> str:
        return client.headers["Authorization"].removeprefix("Bearer ")

    def act(self, client: httpx.Client, action: str, booking_id: str, **payload: Any) -> None:
        operation = {"op_id": new_id(), "kind": action, "booking_id": booking_id, "payload": payload}
        answer = client.post("/sync/v1/ops", json={"device_id": "test", "ops": [operation]}).json()
        assert answer["verdicts"][0]["verdict"] == "applied", answer

    def write(self, client: httpx.Client, booking_id: str, text: str) -> None:
        self.act(client, "message.send", booking_id, text=text)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("realtime")
    make_people(folder, PEOPLE)
    with running_server(folder) as server:
        world = World(server)
        yield world
        for client in (world.omar, world.sara, world.operator, world.tom, world.oskar):
            client.close()


Connect = Callable[..., PhoenixClient]


@pytest.fixture
def connect(world: World) -> Iterator[Connect]:
    """Opens a socket; all are closed at the end."""
    opened: list[PhoenixClient] = []

    def open_one(vsn: str = "2.0.0", key: str = "") -> PhoenixClient:
        opened.append(PhoenixClient(world.server.url, vsn, key=key))
        return opened[-1]

    yield open_one
    for client in opened:
        client.close()


def listening(*bindings: dict[str, Any], **config: Any) -> dict[str, Any]:
    """A join's payload, with bindings in the short form {event, table, filter}."""
    asked = [{"event": "*", "schema": "public"} | one for one in bindings]
    return {"config": {"postgres_changes": asked} | config}


def join(client: PhoenixClient, name: str, payload: dict[str, Any], token: str | None = None) -> Received:
    topic = f"realtime:{name}"
    return client.join(topic, payload | ({} if token is None else {"access_token": token}))


def change(client: PhoenixClient, timeout: float = 20.0) -> dict[str, Any]:
    """The next change of a row, as the app's callback gets it."""
    found: dict[str, Any] = client.next("postgres_changes", timeout=timeout).payload
    return found
