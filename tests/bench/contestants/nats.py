"""The peer for bursts and for `always`: NATS, with a JetStream stream that is synced to disk before each ack."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import machine, programs
from tests.bench.contestants.socket_io import free_port
from tests.bench.load_client import Client, Dialect
from tests.bench.shapes import Shape

_CONFIGURATION = """
listen: "127.0.0.1:{port}"
jetstream {{ store_dir: "{folder}/jetstream", sync_interval: always }}
"""


class Nats:
    """A running peer. Rooms are subjects; note that its subscribers hear a message before it is on disk."""

    name = "NATS JetStream always"

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        self.dialect = Dialect(
            port=port,
            framing="nats",
            say="PUB room.%room% _INBOX.%device%.%ref% %len%%crlf%%text%%crlf%",
            applied='"seq"',
        )

    def clients(self, shape: Shape) -> list[Client]:
        return [
            Client(
                device=f"d{number}",
                rooms=tuple(room.name for room in shape.rooms_of(person)) if number < shape.publishers else (),
                steps=(("PONG", self._hello(number, [room.name for room in shape.rooms_of(person)])),),
            )
            for number, person in enumerate(shape.sockets)
        ]

    def _hello(self, number: int, rooms: list[str]) -> str:
        lines = ['CONNECT {"verbose":false,"pedantic":false}', f"SUB _INBOX.d{number}.* 1"]
        lines += [f"SUB room.{room} {sid}" for sid, room in enumerate(rooms, 2)]
        return "".join(f"{line}%crlf%" for line in (*lines, "PING"))


@contextmanager
def running(folder: Path) -> Iterator[Nats]:
    """The peer on the server's core, its stream in `folder`."""
    port = free_port()
    configuration = folder / "nats.conf"
    configuration.write_text(_CONFIGURATION.format(port=port, folder=folder))
    command = [str(programs.nats_program()), "-c", str(configuration), "-l", str(folder / "nats.log")]
    with subprocess.Popen(machine.pinned(machine.SERVER_CORE, command)) as process:
        try:
            _create_stream(port)
            yield Nats(process.pid, port)
        finally:
            process.terminate()


def _create_stream(port: int, tries: int = 100) -> None:
    body = '{"name":"ROOMS","subjects":["room.>"],"storage":"file","retention":"limits"}'
    for _ in range(tries):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=0.1) as link:
                link.settimeout(5)
                words = link.makefile("rwb", buffering=0)
                words.readline()
                words.write(b'CONNECT {"verbose":false}\r\nSUB _INBOX.made 1\r\n')
                words.write(f"PUB $JS.API.STREAM.CREATE.ROOMS _INBOX.made {len(body)}\r\n{body}\r\n".encode())
                words.readline()
                if b'"error"' not in words.readline():
                    return
        except (ConnectionRefusedError, TimeoutError):
            threading.Event().wait(0.05)
    raise programs.Missing("the NATS peer did not start")
