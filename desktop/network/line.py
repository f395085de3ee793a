"""What carries requests and sockets to the server: this computer's network, unless the desk is given another."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
from websockets.asyncio.client import ClientConnection, connect


async def dial(address: str, timeout: float, max_frame: int) -> ClientConnection:
    """A WebSocket by the network. Pings are left to the protocol's own heartbeat, which also says how far the feed is.
    Raises OSError, TimeoutError, WebSocketException."""
    return await connect(
        address,
        open_timeout=timeout,
        ping_interval=None,
        close_timeout=1.0,
        compression=None,
        max_size=max_frame,
        max_queue=None,
    )


def _of_httpx() -> httpx.AsyncBaseTransport | None:
    """None: httpx makes its own."""


@dataclass(frozen=True, slots=True)
class Line:
    dial: Callable[[str, float, int], Awaitable[ClientConnection]] = dial
    transport: Callable[[], httpx.AsyncBaseTransport | None] = _of_httpx
    """Asked anew whenever connections are forgotten."""
