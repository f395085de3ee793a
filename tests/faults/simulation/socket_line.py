"""A WebSocket between a client and the server's own socket classes: frames in order, until the network has other plans.

The seam is where picows and websockets would stand: the server writes finished frames to a `Link`, the client reads and
sends texts on what websockets calls a connection.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from websockets.exceptions import ConnectionClosedError

from server.realtime.socket import Socket
from server.realtime.uvicorn_socket import SocketListener
from tests.faults.simulation.loop import Process
from tests.faults.simulation.weather import Weather

if TYPE_CHECKING:
    from tests.faults.simulation.world import World

_TEXT, _CLOSE = 1, 8
_NO_TRANSPORT: Any = None
"""The listener keeps none."""
_LATE = (0.02, 3.0)
"""Seconds by which a frame comes too late: just behind the next, or long after what it told has been pulled."""
_NEWS = b'"changes"'


class Pipe:
    """One socket: both ends and what is between them."""

    def __init__(self, world: "World", weather: Weather, client: Process) -> None:
        self._loop = world.loop
        self._weather = weather
        self._client = client
        self._server = world.server
        self._arrival = {"up": 0.0, "down": 0.0}
        self._mute = False
        self.is_cut = False
        self._dead_at: float | None = None
        """In seconds of the run: since then nothing that the client sends or awaits arrives."""
        self.end = ClientEnd(self)
        door = self._server.app.socket_door
        self._socket = Socket(self, "2.0.0", door.limits, self._server.process.steady(), self._loop.call_soon)
        self._listener = SocketListener(door, self._socket)
        self._server.process.run(self._listener.on_ws_connected, _NO_TRANSPORT)

    # --- what the server's Socket uses -------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        for kind, payload in _frames(data):
            if kind == _TEXT:
                self._send("down", self._client, self.end.take, payload)
            elif kind == _CLOSE:
                self._carry("down", self._client, self._lost_by_peer, None)

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        """The server's end is closed; the client hears of it if anything still reaches it."""
        self._carry("down", self._client, self.end.lose, None)
        self._server.process.soon(0.0, self._forget)

    # --- what the client's end uses ----------------------------------------------------------------------------------

    def up(self, text: bytes) -> None:
        self._send("up", self._server.process, self._receive, text)

    def hang_up(self) -> None:
        self.end.lose(None)
        self._carry("up", self._server.process, self._forget, None)

    # --- what the network does ---------------------------------------------------------------------------------------

    @property
    def dead_for(self) -> float:
        """Seconds since nothing gets through any more, or since the client woke after that."""
        return 0.0 if self._dead_at is None else self._loop.now - max(self._dead_at, self._client.asleep_until)

    def _die(self) -> None:
        self._dead_at = self._loop.now if self._dead_at is None else self._dead_at

    def cut(self, *, heard_by_server: bool = True, heard_by_client: bool = True) -> None:
        """What is under way is lost. An end that does not hear of it goes on believing."""
        if self.is_cut:
            return
        self.is_cut = True
        self._die()
        if heard_by_client:
            self._client.soon(0.0, self.end.lose, None)
        if heard_by_server:
            self._server.process.soon(0.0, self._forget)

    def _send(self, way: str, to: Process, take: Callable[[bytes], None], data: bytes) -> None:
        weather = self._weather
        if weather.swallow and way == "down" and _NEWS in data:
            weather.swallow = False
            weather.hits["frame lost"] += 1
        elif weather.strikes("socket cut", weather.cut):
            self.cut()
        elif weather.strikes("frame meddled with", weather.meddle):
            fate = weather.chance.choice(("vanish", "twice", "late"))
            if fate == "twice":
                self._carry(way, to, take, data)
            if fate != "vanish":
                to.soon(weather.latency() + weather.chance.uniform(*_LATE), self._deliver, take, data)
        else:
            self._carry(way, to, take, data)

    def _carry(self, way: str, to: Process, take: Callable[..., None], data: Any) -> None:
        arrival = self._arrival[way] = max(self._arrival[way], self._loop.now + self._weather.latency())
        to.soon(arrival - self._loop.now, self._deliver, take, data)

    def _deliver(self, take: Callable[..., None], data: Any) -> None:
        self._mute = self._mute or self._weather.silent
        if self._mute:
            self._die()
        elif not self.is_cut:
            take(data)

    def _receive(self, text: bytes) -> None:
        if self._server.process.alive and not self._socket.closed:
            self._listener._receive(text, binary=False)

    def _lost_by_peer(self, _: None) -> None:
        """The client answers a close frame and is gone."""
        self.end.lose(None)
        self._carry("up", self._server.process, self._forget, None)

    def _forget(self, _: None = None) -> None:
        if self._server.process.alive:
            self.is_cut = True
            self._die()
            if self._socket in self._server.app.sockets._open:
                self._listener.on_ws_disconnected(_NO_TRANSPORT)


class ClientEnd:
    """What desktop/network/socket.py uses of websockets' ClientConnection."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._came: asyncio.Queue[str | None] = asyncio.Queue()
        self._is_over = False
        self.transport = self

    def take(self, text: bytes) -> None:
        if not self._is_over:
            self._came.put_nowait(text.decode())

    def lose(self, _: None) -> None:
        if not self._is_over:
            self._is_over = True
            self._came.put_nowait(None)

    def __aiter__(self) -> "ClientEnd":
        return self

    async def __anext__(self) -> str:
        text = await self._came.get()
        if text is None:
            raise ConnectionClosedError(None, None)
        return text

    async def send(self, text: str) -> None:
        if self._is_over:
            raise ConnectionClosedError(None, None)
        self._pipe.up(text.encode())

    def abort(self) -> None:
        self._pipe.hang_up()

    async def close(self) -> None:
        self._pipe.hang_up()


def _frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The WebSocket frames (RFC 6455, 5.2) that the server has put together: unmasked, each whole."""
    at = 0
    while at < len(data):
        kind, size = data[at] & 0x0F, data[at + 1]
        at += 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size = int.from_bytes(data[at : at + width], "big")
            at += width
        yield kind, data[at : at + size]
        at += size
