"""The floor of fan-out: a C program that does one send() of a ready frame for each delivery and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench import machine, programs
from tests.bench.load_client import Client, Dialect


class BareSends:
    """The running floor: everyone connected hears what the first says."""

    name = "bare send() from C"

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        self.dialect = Dialect(port=port, say="%ref%%text%", applied="7")

    def clients(self, sockets: int) -> list[Client]:
        return [Client(f"d{number}", ("all",) if number == 0 else (), ()) for number in range(sockets)]


@contextmanager
def running(frame_bytes: int) -> Iterator[BareSends]:
    """The floor on the server's core, sending frames with `frame_bytes` of payload."""
    command = [str(programs.bare_sends_program()), str(frame_bytes)]
    with machine.serving(command) as (pid, port):
        yield BareSends(pid, int(port))
