"""picows behind uvicorn on one port: the class that uvicorn hands a connection to when it asks for an upgrade.

uvicorn's HTTP protocol makes one of these per upgrade, gives it the transport and the request head, and then makes it
the transport's protocol. picows parses the frames; writing goes past it, straight to the transport (see socket.py).
"""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog
from picows import (
    WSAutoPingStrategy,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
)
from picows import WSUpgradeResponseWithListener as Answer
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # left out of its stubs

from contract.errors import Refusal
from contract.frames import Vsn
from server.realtime.channels import ChannelRouter
from server.realtime.limits import SocketLimits
from server.realtime.open_sockets import OpenSockets, random_delay
from server.realtime.server_frames import refusal_bytes
from server.realtime.socket import Socket

PATHS = frozenset({"/realtime/v1/websocket", "/socket/websocket"})
_READ_BUFFER = 2048
"""Bytes. picows' least; it doubles while a larger frame comes in."""
_KEPT_HEADERS = (b"host", b"upgrade", b"sec-websocket-key", b"sec-websocket-version")
_log = structlog.get_logger("socket")


class PicowsLog:
    """picows' logger: its notes on every connection are noise, its errors are ours. No child logger per socket."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802  (the standard logger's name)
        return level >= 40

    def debug(self, *_: object) -> None: ...

    log = info = warning = debug

    def error(self, message: str, *args: object) -> None:
        """Broken frames and the like: the peer's doing, one line."""
        _log.info("socket closed", problem=message % args)

    def exception(self, message: str, *args: object) -> None:
        _log.exception("socket failed", problem=message % args)


class SocketDoor:
    """What every upgrade needs, handed in once."""

    def __init__(self, router: ChannelRouter, sockets: OpenSockets, limits: SocketLimits) -> None:
        self.router = router
        self.sockets = sockets
        self.limits = limits
        self.log = PicowsLog()

    def protocol(self, config: Any, server_state: Any, app_state: Any) -> "PhoenixProtocol":
        """For uvicorn's `ws`: called with these names at each upgrade."""
        return PhoenixProtocol(self, server_state.connections)


class PhoenixProtocol(WSProtocol):  # type: ignore[misc]  # see the import
    """One upgraded connection, among uvicorn's own so that draining reaches it."""

    __slots__ = ("_connections", "_door", "_link", "_target")

    def __init__(self, door: SocketDoor, connections: set[Any]) -> None:
        super().__init__(
            None, None, False, self._answer, door.log, True, None, False, None, None,
            WSAutoPingStrategy.PING_WHEN_IDLE, True, door.limits.max_frame, None, _READ_BUFFER,
        )  # fmt: skip
        self._door = door
        self._connections = connections

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._connections.add(self)
        self._link = transport
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        super().connection_lost(error)

    def data_received(self, head: bytes) -> None:
        """The request head, once, from uvicorn; what follows comes through picows' own buffer."""
        self._target, rest = _essential(head)
        while rest:
            room = self.get_buffer(-1)
            size = min(len(room), len(rest))
            room[:size] = rest[:size]
            rest = rest[size:]
            self.buffer_updated(size)

    def shutdown(self) -> None:
        """uvicorn drains: called once per connection."""
        if self.listener is None:
            self._link.close()
        else:
            self.listener.socket.drain(random_delay())

    def _answer(self, _: WSUpgradeRequest) -> Answer:
        target, self._target = urlsplit(self._target), ""
        if target.path not in PATHS:
            return _refusal(404, Refusal("not_found"))
        if self._door.sockets.full:
            return _refusal(503, Refusal("unavailable"))
        query = parse_qs(target.query)
        vsn: Vsn = "2.0.0" if query.get("vsn", ["1.0.0"])[0].startswith("2.") else "1.0.0"
        soon = asyncio.get_running_loop().call_soon
        socket = Socket(self._link, vsn, self._door.limits, time.monotonic(), soon)
        socket.keyed = "apikey" in query
        return Answer(WSUpgradeResponse.create_101_response(), SocketListener(self._door, socket))


class SocketListener(WSListener):
    """picows' events of one socket, passed on."""

    __slots__ = ("_binary", "_door", "_parts", "socket")

    def __init__(self, door: SocketDoor, socket: Socket) -> None:
        self._door = door
        self._parts: bytearray | None = None
        self._binary = False
        self.socket = socket

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._door.sockets.add(self.socket)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind is WSMsgType.TEXT and frame.fin and self._parts is None and not frame.rsv1:
            self._receive(frame.get_payload_as_bytes(), binary=False)
        elif kind is WSMsgType.CLOSE:
            self.socket.close(1000, "")
            self.socket.hang_up()
        elif frame.rsv1 or frame.rsv2 or frame.rsv3:
            self.socket.close(1002, "no extension was agreed on")
        elif kind in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION):
            self._collect(frame, kind)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.socket.lost()
        self._door.sockets.remove(self.socket)
        self._door.router.forget(self.socket)

    def pause_writing(self) -> None:
        self.socket.pause()

    def resume_writing(self) -> None:
        self.socket.resume()

    def _collect(self, frame: WSFrame, kind: WSMsgType) -> None:
        """A message in several frames (RFC 6455, 5.4), as browsers send long ones; or a binary one."""
        if (kind is not WSMsgType.CONTINUATION) != (self._parts is None):
            self.socket.close(1002, "fragments out of order")
            return
        if self._parts is None:
            self._parts = bytearray()
            self._binary = kind is WSMsgType.BINARY
        parts = self._parts
        parts += frame.get_payload_as_bytes()
        if len(parts) > self._door.limits.max_frame:
            self._parts = None
            self.socket.close(1009, "message too big")
        elif frame.fin:
            self._parts = None
            self._receive(bytes(parts), binary=self._binary)

    def _receive(self, data: bytes, *, binary: bool) -> None:
        # picows keeps a grown buffer for the socket's life: only people who have shown a token may grow one.
        if len(data) > self._door.limits.max_stranger_frame and not self.socket.known:
            self.socket.close(1009, "join first")
        elif binary:
            self._door.router.receive_binary(self.socket, data)
        else:
            self._door.router.receive(self.socket, data)


def _essential(head: bytes) -> tuple[str, bytes]:
    """The request's target, and a head of only what picows needs: it keeps the parts for the socket's life, and takes
    no `Connection: keep-alive, Upgrade`, which Firefox sends. uvicorn has checked that an upgrade is asked for."""
    lines = head.split(b"\r\n")
    method, _, target = lines[0].partition(b" ")
    kept = [line for line in lines[1:] if line.partition(b":")[0].lower() in _KEPT_HEADERS]
    rest = b"\r\n".join([method + b" / HTTP/1.1", *kept, b"Connection: Upgrade", b"", b""])
    return target.partition(b" ")[0].decode("latin-1"), rest


def _refusal(status: int, refusal: Refusal) -> Answer:
    headers = {"Content-Type": "application/json"}
    return Answer(WSUpgradeResponse.create_error_response(status, refusal_bytes(refusal), headers), None)
