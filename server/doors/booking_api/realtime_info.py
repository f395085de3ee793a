"""How the realtime side is doing, at three depths: for anyone, for the signed in, for administrators (D-17..D-19)."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.errors import Refusal
from contract.permissions import may
from server.doors.http_edge import identify, json_response, limit_public
from server.store.store import Store
from server.store.transactions import ReadTx


class RealtimeHealth(msgspec.Struct, frozen=True):
    status: str
    """Always "ok": anything else is answered 503 `unavailable`."""
    database: str
    epoch: str
    head: int


class RealtimeStatus(msgspec.Struct, frozen=True):
    status: str
    epoch: str
    head: int
    """The feed's newest number. Who holds a cursor below it has something to fetch."""
    floor: int
    server_ts: int
    """Milliseconds since 1970 by the server's clock."""
    user_id: str
    role: str
    expires_at: int
    """When the asker's access token runs out, in seconds since 1970."""


class RealtimeStats(msgspec.Struct, frozen=True):
    status: str
    epoch: str
    head: int
    floor: int
    sockets: int
    figures: dict[str, Any]
    """What /metrics counts, without histograms' buckets."""


class RealtimeInfo:
    """The handlers. `figures` is Metrics.figures."""

    def __init__(self, store: Store, figures: Callable[[], dict[str, Any]]) -> None:
        self._store = store
        self._figures = figures

    def routes(self) -> list[Route]:
        return [
            Route("/api/realtime/health", self.health),
            Route("/api/realtime/status", self.status),
            Route("/api/realtime/stats", self.stats),
        ]

    async def health(self, request: Request) -> Response:
        limit_public(request)
        epoch, head = await self._store.read(_where)
        return json_response(RealtimeHealth("ok", "ok", epoch, head))

    async def status(self, request: Request) -> Response:
        identity = identify(request)
        epoch, head = await self._store.read(_where)
        return json_response(
            RealtimeStatus(
                status="ok",
                epoch=epoch,
                head=head,
                floor=self._store.floor,
                server_ts=time.time_ns() // 1_000_000,
                user_id=identity.actor.user_id,
                role=identity.actor.role,
                expires_at=int(identity.expires_at),
            )
        )

    async def stats(self, request: Request) -> Response:
        if not may(identify(request).actor.role, "stats.read"):
            raise Refusal("forbidden")
        epoch, head = await self._store.read(_where)
        figures = self._figures()
        sockets = int(figures.get("sockets", 0))
        return json_response(RealtimeStats("ok", epoch, head, self._store.floor, sockets, figures))


def _where(tx: ReadTx) -> tuple[str, int]:
    return tx.epoch, tx.head
