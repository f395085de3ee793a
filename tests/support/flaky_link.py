"""A TCP link that can be cut, blocked, slowed and mended while programs talk through it.

It runs in a thread of its own, so that windows, browsers and plain tests can all stand at either end. What it cannot
do: lose, double or reorder bytes within a connection (TCP does not either), or delay a connection's set-up alone."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Iterator
from urllib.parse import urlsplit

from desktop.network.listening import stop_listening


class FlakyLink:
    """Forwards what comes to `url` to a server. Every method returns once it has taken effect."""

    def __init__(self, target_host: str, target_port: int) -> None:
        self._target = (target_host, target_port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="flaky-link", daemon=True)
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()
        self._open = asyncio.Event()
        self._latency = 0.0
        self._down = False
        self.port = 0
        self.carried = 0
        """Connections taken so far."""

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()
        self._do(self._listen())
        self._loop.call_soon_threadsafe(self._open.set)

    def stop(self) -> None:
        self.down()
        self._do(self._wind_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def down(self) -> None:
        """The plug is out: all connections break, new ones are refused."""

        async def go() -> None:
            self._down = True
            await self._stop_listening()
            await self._break_all()

        self._do(go())

    def up(self) -> None:
        """The plug is in again, at the same address."""

        async def go() -> None:
            self._down = False
            await self._listen()

        self._do(go())

    def cut(self) -> None:
        """Breaks all connections once; new ones succeed."""
        self._do(self._break_all())

    def black_hole(self) -> None:
        """Half-open: connections stay, new ones are taken, and nothing comes through either way."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def clear(self) -> None:
        """Ends the black hole; what was swallowed meanwhile comes through late, as TCP would have it."""
        self._loop.call_soon_threadsafe(self._open.set)

    def strand(self) -> None:
        """Half-open for good: the connections of now stay and carry nothing more; new ones work. So it is after a
        sleep, when every box on the way has forgotten them."""

        async def go() -> None:
            self._open.clear()
            self._open = asyncio.Event()
            self._open.set()

        self._do(go())

    def slow(self, seconds: float) -> None:
        """Delays whatever passes, each way."""
        self._latency = seconds

    @contextlib.contextmanager
    def while_down(self) -> Iterator[None]:
        self.down()
        try:
            yield
        finally:
            self.up()

    def _do(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            await work

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=10)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await stop_listening(server)

    async def _break_all(self) -> None:
        pipes = list(self._pipes)
        for pipe in pipes:
            pipe.cancel()
        await asyncio.gather(*pipes, return_exceptions=True)

    async def _wind_up(self) -> None:
        """Until connections that were just being taken have been dropped too, however slow the machine is."""
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
            await asyncio.sleep(0)  # what was taken becomes a task of its own, what was aborted closes
        await asyncio.sleep(0)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.carried += 1
        task = asyncio.current_task()
        if task is None or self._down:
            writer.transport.abort()
            return
        self._pipes.add(task)
        far: asyncio.StreamWriter | None = None
        try:
            passes = self._open
            far_reader, far = await asyncio.open_connection(*self._target)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, far, passes))
                both.create_task(self._pump(far_reader, writer, passes))
        except* (OSError, asyncio.CancelledError):
            pass  # a broken link is what this is for
        finally:
            self._pipes.discard(task)
            for end in (writer, far):
                if end is not None:
                    end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passes: asyncio.Event) -> None:
        while data := await reader.read(65_536):
            if self._latency:
                await asyncio.sleep(self._latency)
            await passes.wait()
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):  # the other side may be gone already
            writer.write_eof()


@contextlib.contextmanager
def flaky_link(url: str) -> Iterator[FlakyLink]:
    """A link to the server at that base URL."""
    parts = urlsplit(url)
    link = FlakyLink(parts.hostname or "127.0.0.1", parts.port or 80)
    link.start()
    try:
        yield link
    finally:
        link.stop()
