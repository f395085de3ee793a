"""The peer: Socket.IO with better-sqlite3, WAL and synchronous=FULL, as peers/socketio_server.js has it."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import machine, programs
from tests.bench.load_client import Client, Dialect
from tests.bench.shapes import Shape


class SocketIo:
    """A running peer. Rooms are Socket.IO's; a socket joins all of its own in one go."""

    name = "Socket.IO + better-sqlite3 FULL"

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        self.dialect = Dialect(
            port=port,
            path="/socket.io/?EIO=4&transport=websocket",
            say='42%ref%["say",{"id":"%uuid%","room":"%room%","text":"%text%"}]',
            applied='"applied"',
        )

    def clients(self, shape: Shape) -> list[Client]:
        return [
            Client(
                device=f"device-{number}",
                rooms=tuple(room.name for room in shape.rooms_of(person)) if number < shape.publishers else (),
                steps=(("40{", "40"), ("430[", f'420["join",{json.dumps([r.name for r in shape.rooms_of(person)])}]')),
            )
            for number, person in enumerate(shape.sockets)
        ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[SocketIo]:
    """The peer on the server's core, its database in `folder`."""
    port = free_port()
    command = ["node", "socketio_server.js", str(port), str(folder / "peer.db")]
    with machine.serving(command, programs.socket_io_folder()) as (pid, said):
        if said != "ready":
            raise programs.Missing("the Socket.IO peer did not start")
        yield SocketIo(pid, port)
