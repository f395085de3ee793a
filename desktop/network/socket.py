"""One Phoenix socket to the server: requests are answered by reference, everything else is handed on as it comes."""

import asyncio
import itertools
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from contract.frames import EMPTY, PHOENIX_TOPIC, BadFrame, Frame, Vsn, decode_frame, encode_frame
from desktop.network.answers import read_answer, refusal_of
from desktop.network.errors import Busy, ContractBroken, Unreachable
from desktop.network.line import Line

T = TypeVar("T")
VSN: Vsn = "2.0.0"
NETWORK = Line()
MAX_FRAME = 32 * 1024 * 1024
"""Bytes. A missed stretch of the feed may come in one frame."""


class Reply(msgspec.Struct, frozen=True):
    """Payload of phx_reply."""

    status: str
    response: msgspec.Raw = msgspec.Raw(EMPTY)


def socket_address(server_url: str) -> str:
    parts = urlsplit(server_url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return f"{scheme}://{parts.netloc}{parts.path}/realtime/v1/websocket?vsn={VSN}"


async def open_socket(
    server_url: str, on_push: Callable[[Frame], None], timeout: float = 10.0, line: Line = NETWORK
) -> "SyncSocket":
    """Raises Unreachable."""
    try:
        connection = await line.dial(socket_address(server_url), timeout, MAX_FRAME)
    except InvalidStatus as error:
        raise Busy(f"The server refused the socket with status {error.response.status_code}.") from error
    except (OSError, TimeoutError, WebSocketException) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error
    return SyncSocket(connection, on_push)


class SyncSocket:
    """`read` must run for anything to be answered. Once it has ended, every request raises Unreachable."""

    def __init__(self, connection: ClientConnection, on_push: Callable[[Frame], None]) -> None:
        self._connection = connection
        self._on_push = on_push
        self._refs = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Reply]] = {}
        self._join_refs: dict[str, str] = {}
        self._is_over = False

    async def read(self) -> None:
        """Hands frames on until the socket ends; then raises Unreachable, or ContractBroken for what is no frame."""
        try:
            async for data in self._connection:
                self._take(decode_frame(data, VSN))
            raise Unreachable("The server closed the socket.")
        except ConnectionClosed as error:
            raise Unreachable(f"The socket was cut: {error}") from error
        except BadFrame as error:
            raise ContractBroken(f"frame: {error}") from error
        finally:
            self._end()

    def _take(self, frame: Frame) -> None:
        if self._is_over:
            return
        if frame.event == "phx_reply" and frame.ref is not None:
            answer = read_answer(frame.payload, Reply)
            waiting = self._waiting.pop(frame.ref, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(answer)
            return
        self._on_push(frame)

    async def request(self, topic: str, event: str, payload: bytes, shape: type[T], timeout: float) -> T:
        """Sends and awaits the reply in its shape. Raises Unreachable after `timeout` seconds or when the socket ends;
        then nobody knows whether the other side got it."""
        ref = str(next(self._refs))
        if event == "phx_join":
            self._join_refs[topic] = ref
        waiting: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[ref] = waiting
        try:
            await self._send(encode_frame(VSN, self._join_refs.get(topic), ref, topic, event, payload))
            async with asyncio.timeout(timeout):
                reply = await waiting
        except TimeoutError as error:
            raise Unreachable(f"No answer to {event} within {timeout:.0f} s.") from error
        finally:
            self._waiting.pop(ref, None)
            # The socket may have ended while the frame was still being sent: then nobody awaits what is in here.
            if waiting.done() and not waiting.cancelled():
                waiting.exception()
        if reply.status != "ok":
            raise refusal_of(0, reply.response)
        return read_answer(reply.response, shape)

    async def push(self, topic: str, event: str, payload: bytes) -> None:
        """Sends what has no answer. Raises Unreachable."""
        await self._send(encode_frame(VSN, self._join_refs.get(topic), str(next(self._refs)), topic, event, payload))

    async def beat(self, shape: type[T], timeout: float) -> T:
        """One heartbeat, answered within `timeout` seconds or the socket is dead."""
        return await self.request(PHOENIX_TOPIC, "heartbeat", EMPTY, shape, timeout)

    async def _send(self, frame: bytes) -> None:
        if self._is_over:
            raise Unreachable("The socket has ended.")
        try:
            await self._connection.send(frame.decode())
        except ConnectionClosed as error:
            raise Unreachable(f"The socket was cut: {error}") from error

    def is_current(self, frame: Frame) -> bool:
        """Whether `frame` is about the topic's newest join: a second join makes the server close the first."""
        return frame.join_ref in {None, self._join_refs.get(frame.topic)}

    def drop(self) -> None:
        """Cuts without a goodbye: after a sleep nobody is there to hear it. What is under way has lost its answer, and
        what has come and was not yet looked at counts no more."""
        self._end()
        self._connection.transport.abort()

    async def close(self) -> None:
        await self._connection.close()

    def _end(self) -> None:
        self._is_over = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Unreachable("The socket was cut before the answer."))
        self._waiting.clear()
