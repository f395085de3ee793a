"""Ours: `fieldline-server run` on a town's database, spoken to on topic `sync` with real access tokens."""

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contract.ids import new_id
from tests.bench import machine, programs
from tests.bench.contestants.town import Town, build_town
from tests.bench.load_client import Client, Dialect
from tests.bench.shapes import Shape

RAISED = {
    "FIELDLINE_FRAMES_PER_SECOND": "1000000",
    "FIELDLINE_JOINS_PER_SECOND": "1000000",
    "FIELDLINE_MAX_SOCKETS": "20000",
    "FIELDLINE_LOG_LEVEL": "warning",
}
"""Limits that keep one client from doing what a bench does."""


class Fieldline:
    """A running server."""

    name = "Fieldline"

    def __init__(self, pid: int, url: str, town: Town) -> None:
        self.pid = pid
        self.url = url
        self.town = town
        self.dialect = Dialect(
            port=int(url.rpartition(":")[2]),
            path="/realtime/v1/websocket?vsn=2.0.0",
            say='["1","%ref%","sync","ops",{"device_id":"%device%","ops":[{"op_id":"%uuid%","kind":"message.send",'
            '"booking_id":"%room%","payload":{"text":"%text%"}}]}]',
            applied='"verdict":"applied"',
            beat='[null,"beat","phoenix","heartbeat",{}]',
            cursor='["1",null,"sync","cursor",{"seq":%seq%}]',
        )

    def clients(self, shape: Shape) -> list[Client]:
        """Each socket a device of its own, which joins as of now: it holds all that there is, and hears what comes."""
        tokens, bookings = self.town.tokens, self.town.bookings
        epoch, head = self._position(tokens[shape.sockets[0]])
        made = []
        for number, person in enumerate(shape.sockets):
            device = new_id()
            join = {"device_id": device, "access_token": tokens[person], "epoch": epoch, "cursor": head}
            frame = json.dumps(["1", "1", "sync", "phx_join", join], separators=(",", ":"))
            rooms = tuple(bookings[room.name] for room in shape.rooms_of(person)) if number < shape.publishers else ()
            made.append(Client(device, rooms, (('"status":"ok"', frame),)))
        return made

    def head(self, shape: Shape) -> int:
        """The feed's newest number, as the shape's first person is told."""
        return self._position(self.town.tokens[shape.sockets[0]])[1]

    def _position(self, token: str) -> tuple[str, int]:
        request = urllib.request.Request(f"{self.url}/sync/v1/me", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            me = json.load(answer)
        return me["epoch"], me["head"]


@contextmanager
def running(folder: Path, shapes: list[Shape]) -> Iterator[Fieldline]:
    """The server on its core, its database in `folder` and filled for the shapes."""
    with serving_town(folder / "data", build_town(folder / "data", shapes)) as server:
        yield server


@contextmanager
def serving_town(data_dir: Path, town: Town) -> Iterator[Fieldline]:
    """The server on a town's database."""
    command = [sys.executable, "-m", "server", "run", "--data", str(data_dir), "--port", "0"]
    with machine.serving(machine.with_environment(RAISED, command), programs.HERE.parents[1]) as (pid, said):
        if not said.startswith("Listening on "):
            raise programs.Missing(f"the server did not start: {said}")
        yield Fieldline(pid, said.removeprefix("Listening on "), town)
