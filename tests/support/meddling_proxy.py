"""A proxy that looks into what it carries and meddles: swallows pushes, refuses sockets, cuts snapshots, asks for them.

What a plain TCP link cannot do to a program (see flaky_link), some real boxes between here and the server can.
"""

import asyncio
import contextlib
import re
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from typing import Any
from urllib.parse import urlsplit

from desktop.network.listening import stop_listening
from tests.support.answering_server import answer


class MeddlingProxy:
    """Runs in the test's own loop, or in a thread's (see below). The switches may be turned at any time."""

    def __init__(self, server_url: str) -> None:
        parts = urlsplit(server_url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.swallow_changes = False
        """Pushed changes vanish; everything else on the socket goes through."""
        self.no_sockets = False
        """Upgrades are answered 403, as some proxies do."""
        self.sockets_refused = 0
        self.requests = 0
        self.snapshots_only = False
        """Every join is answered "take a snapshot", whatever the server said."""
        self.hangs_up = False
        """A socket breaks as soon as its join has been answered with `delta`."""
        self.portal = False
        """Every request is answered with `portal_says` instead, as hotels do..."""
        self.portal_at = ""
        """...whose address has this in it."""
        self.portal_says = answer(404, b"<html>Welcome!")
        """A page that asks for a sign-in, and the wrong status; or another whole HTTP answer."""
        self.cut_snapshot_after: int | None = None
        """Bytes of a snapshot's answer after which its connection breaks."""
        self.swallowed = 0
        self.stopped_at_portal: Counter[str] = Counter()
        """By path."""
        self.cut_snapshots = 0
        self.snapshots_at: list[float] = []
        self.sockets_at: list[float] = []
        """When each was asked for, by the loop's clock."""

    @property
    def snapshots(self) -> int:
        return len(self.snapshots_at)

    @property
    def sockets(self) -> int:
        return len(self.sockets_at)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> "MeddlingProxy":
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        await stop_listening(self._server)
        self.break_all()
        await self._server.wait_closed()
        await asyncio.sleep(0.05)

    def break_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far: asyncio.StreamWriter | None = None
        self._writers.add(writer)
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            wants_socket = b"upgrade: websocket" in request.lower()
            address = request.split(b" ")[1].decode()
            if self.portal and self.portal_at in address:
                await reader.readexactly(_length(request))  # what is unread when it closes would break the answer
                self.stopped_at_portal[address.split("?")[0]] += 1
                writer.write(self.portal_says)
                await writer.drain()
                return
            self.requests += not wants_socket
            if wants_socket and self.no_sockets:
                self.sockets_refused += 1
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
                return
            far_reader, far = await asyncio.open_connection(*self._target)
            self._writers.add(far)
            # One request a connection, so that each answer can be told from the next.
            far.write(request if wants_socket else _closing(request))
            is_snapshot = b"GET /sync/v1/snapshot" in request
            if is_snapshot or wants_socket:
                (self.sockets_at if wants_socket else self.snapshots_at).append(asyncio.get_running_loop().time())
            back = self._frames if wants_socket else self._snapshot if is_snapshot else _plain
            async with asyncio.TaskGroup() as both:
                both.create_task(_plain(reader, far))
                both.create_task(back(far_reader, writer))
        except* (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # an end went away: that is an end
        finally:
            for end in (writer, far):
                if end is not None:
                    self._writers.discard(end)
                    end.transport.abort()

    async def _snapshot(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carried = 0
        while data := await reader.read(4096):
            if self.cut_snapshot_after is not None and carried + len(data) > self.cut_snapshot_after:
                writer.write(data[: max(0, self.cut_snapshot_after - carried)])
                await writer.drain()
                self.cut_snapshots += 1
                raise ConnectionAbortedError
            carried += len(data)
            writer.write(data)
            await writer.drain()
        raise ConnectionAbortedError

    async def _frames(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """After the upgrade, frame by frame; server frames are not masked (RFC 6455, 5.1)."""
        writer.write(await reader.readuntil(b"\r\n\r\n"))
        while True:
            head = await reader.readexactly(2)
            size = head[1] & 0x7F
            more = b""
            if size >= 126:
                more = await reader.readexactly(2 if size == 126 else 8)
                size = int.from_bytes(more, "big")
            payload = await reader.readexactly(size)
            if self.swallow_changes and b'"sync","changes",' in payload[:80]:
                self.swallowed += 1
                continue
            if self.snapshots_only and b'"mode":"delta"' in payload:
                payload = payload.replace(b'"mode":"delta"', b'"mode":"snapshot"')
                assert 126 <= len(payload) < 65_536
                more, head = len(payload).to_bytes(2, "big"), head[:1] + b"\x7e"
            writer.write(head + more + payload)
            await writer.drain()
            if self.hangs_up and b'"mode":"delta"' in payload:
                raise ConnectionAbortedError


@contextlib.contextmanager
def meddling_proxy(server_url: str) -> Iterator[MeddlingProxy]:
    """One in a thread of its own, for tests that have no loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="meddling-proxy", daemon=True)
    thread.start()

    def do(work: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(timeout=10)

    async def wind_up() -> None:
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)

    proxy = MeddlingProxy(server_url)
    do(proxy.__aenter__())
    try:
        yield proxy
    finally:
        do(proxy.__aexit__())
        do(wind_up())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _length(request: bytes) -> int:
    """Bytes of the body that follows this head."""
    found = re.search(rb"\r\ncontent-length: *(\d+)", request.lower())
    return int(found[1]) if found else 0


def _closing(request: bytes) -> bytes:
    head, _, rest = request.partition(b"\r\n")
    kept = [line for line in rest.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return head + b"\r\nConnection: close\r\n" + b"\r\n".join(kept)


async def _plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()
