"""A link that keeps what is written to it and takes it as slowly as the test wants."""

from collections.abc import Callable

from contract.frames import Vsn
from server.realtime.limits import SocketLimits
from server.realtime.socket import Socket


class RecordedLink:
    """`written` are the frames as handed over; `unsent` is what the system has not taken yet."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.unsent = 0
        self.ended: str | None = None
        self.soon: list[Callable[[], None]] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def close(self) -> None:
        self.ended = "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def call_soon(self, call: Callable[[], None]) -> None:
        """In the place of a loop's: kept until the turn ends."""
        self.soon.append(call)

    def end_turn(self) -> None:
        calls, self.soon = self.soon, []
        for call in calls:
            call()


def recorded_socket(vsn: Vsn = "2.0.0", limits: SocketLimits | None = None) -> tuple[Socket, RecordedLink]:
    link = RecordedLink()
    return Socket(link, vsn, limits or SocketLimits(), 0.0, link.call_soon), link


def texts(link: RecordedLink) -> list[bytes]:
    """The text frames written so far, without their WebSocket headers; one write may hold several."""
    found, data = [], b"".join(link.written)
    while data:
        size, start = data[1], 2
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10], "big"), 10
        if data[0] == 0x81:
            found.append(data[start : start + size])
        data = data[start + size :]
    return found
