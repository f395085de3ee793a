"""HTTP between a client and the server's own ASGI application, without a network and with all of a network's faults."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from tests.faults.simulation.weather import Weather

if TYPE_CHECKING:
    from tests.faults.simulation.server_life import ServerLife
    from tests.faults.simulation.world import World

_RENEWAL = "grant_type=refresh_token"


class HttpLine(httpx.AsyncBaseTransport):
    """For httpx.AsyncClient, in place of its connections."""

    def __init__(self, world: "World", weather: Weather, address: str) -> None:
        self._world = world
        self._weather = weather
        self._address = address
        self._renewing = 0

    @contextmanager
    def _renewal_noted(self, request: httpx.Request) -> Iterator[None]:
        """Of one desk's renewals of its token no two are under way at once: the second would use up a used one."""
        renews = _RENEWAL in str(request.url)
        self._renewing += renews
        if self._renewing > 1:
            self._world.record.wrong.append(f"I15 {self._address} renews its token twice at once")
        try:
            yield
        finally:
            self._renewing -= renews

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            with self._renewal_noted(request):
                return await self._carry(request)
        except httpx.TransportError:
            self._weather.in_vain.append(self._world.loop.now)
            raise

    async def _carry(self, request: httpx.Request) -> httpx.Response:
        weather = self._weather
        body = await request.aread()
        patience = request.extensions["timeout"]["read"]
        await asyncio.sleep(weather.latency())
        if weather.silent or weather.strikes("request lost", weather.lose):
            await asyncio.sleep(patience)
            raise httpx.ReadTimeout("nothing came back")
        server = self._world.server
        if weather.down or not server.process.alive:
            raise httpx.ConnectError("nobody there")
        if weather.strikes("request repeated", weather.repeat):
            # The first of the two; nobody awaits its answer.
            server.process.soon(weather.latency(), self._start, server, request, body)
            await asyncio.sleep(weather.latency())
        answer = await self._answer(server, request, body, patience)
        if weather.silent or weather.strikes("answer lost", weather.lose):
            await asyncio.sleep(patience)
            raise httpx.ReadTimeout("nothing came back")
        await asyncio.sleep(weather.latency())
        if weather.down:
            raise httpx.ReadError("cut")
        return httpx.Response(answer.status, headers=answer.headers, stream=_Download(answer.chunks, weather))

    async def _answer(self, server: "ServerLife", request: httpx.Request, body: bytes, patience: float) -> "_Answer":
        if not server.process.alive:
            raise httpx.ConnectError("nobody there")
        answering = self._start(server, request, body)
        either: list[asyncio.Future[Any]] = [answering, server.death]
        done, _ = await asyncio.wait(either, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if not server.process.alive:
            raise httpx.ReadError("the server died")
        if answering not in done:
            raise httpx.ReadTimeout("no answer in time")
        return answering.result()

    def _start(self, server: "ServerLife", request: httpx.Request, body: bytes) -> "asyncio.Task[_Answer]":
        return server.process.start(self._perform(server, request, body))

    async def _perform(self, server: "ServerLife", request: httpx.Request, body: bytes) -> "_Answer":
        answer = _Answer()
        came = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            if came:
                return came.pop()
            return await asyncio.Event().wait()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], message["headers"]
            elif message.get("body"):
                answer.chunks.append(message["body"])

        await server.app.http(_scope(request, self._address), receive, send)
        if _RENEWAL in str(request.url) and answer.status == 200:
            self._weather.hits["token renewed"] += 1
        if answer.status == 401:
            self._weather.hits["token refused"] += 1
        if answer.status == 409:
            self._weather.hits["another history's refused"] += 1
        if answer.status == 410:
            self._weather.hits["asked below the floor"] += 1
        return answer


class _Answer:
    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.chunks: list[bytes] = []


class _Download(httpx.AsyncByteStream):
    """A body as it comes in; a cut one breaks off somewhere."""

    def __init__(self, chunks: list[bytes], weather: Weather) -> None:
        self._chunks = chunks
        self._weather = weather

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            if self._weather.down or self._weather.strikes("download cut", self._weather.cut):
                yield chunk[: len(chunk) // 2]
                raise httpx.ReadError("cut in the middle")
            yield chunk


def _scope(request: httpx.Request, address: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": ("desk", 80),
        "client": (address, 40_000),
        "root_path": "",
    }
