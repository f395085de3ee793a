"""How the process serves: uvicorn's server that tells when it accepts, and the task group for what runs beside it."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import structlog
import uvicorn

_log = structlog.get_logger("server")


class Background:
    """The one task group: it owns whatever runs beside the requests, and ends it."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> "Background":
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._group.__aexit__(*error)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Starts it; its failure is logged, and no other's end."""
        return self._group.create_task(_watched(work))


async def _watched(work: Coroutine[Any, Any, None]) -> None:
    outcomes: list[Any] = await asyncio.gather(work, return_exceptions=True)
    for failure in outcomes:
        if isinstance(failure, Exception):
            _log.error("background work failed", exc_info=failure)


class AnnouncingServer(uvicorn.Server):
    """uvicorn's server, telling when it accepts and when it stops to."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = started
        self._on_stopping = stopping
        self.has_given_up = False

    def give_up(self) -> None:
        """Drains and ends: it could only refuse from now on, and who watches over it may start it anew."""
        self.has_given_up = self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does it, without raising the signal anew at the end: having drained is a success."""
        found = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in found.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stopping()
        await super().shutdown(sockets)
