"""`/metrics` for Prometheus and `/healthz` for whatever restarts or routes to this server."""

import hmac
from collections.abc import Callable

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.errors import Refusal
from server.doors.endpoint import Endpoint
from server.doors.http_edge import bearer_token, json_response, limit_public
from server.doors.monitoring.metrics import Metrics
from server.store.store import Store
from server.store.transactions import ReadTx


class Health(msgspec.Struct, frozen=True):
    status: str
    """Always "ok": anything else is answered 503 `unavailable`."""


ENDPOINTS = (
    Endpoint(
        "GET", "/metrics", "Counts and timings in Prometheus' text form. With a metrics token configured, only for it.",
        "monitoring", access="public", refusals=("unauthorized",), media_type="text/plain",
    ),
    Endpoint(
        "GET", "/healthz", "Whether this server takes requests and its database answers.",
        "monitoring", answer=Health, access="public", refusals=("unavailable",),
    ),
)  # fmt: skip


def routes(metrics: Metrics, store: Store, accepting: Callable[[], bool], token: str | None = None) -> list[Route]:
    """`accepting` is False from the moment the server drains; `token`, where set, is what /metrics asks for."""

    async def show_metrics(request: Request) -> Response:
        limit_public(request)
        if token is not None and not hmac.compare_digest((bearer_token(request) or "").encode(), token.encode()):
            raise Refusal("unauthorized")
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def show_health(request: Request) -> Response:
        limit_public(request)
        if not accepting():
            raise Refusal("unavailable", retry_after=5)
        await store.read(_touch)
        return json_response(Health("ok"))

    return [Route("/metrics", show_metrics), Route("/healthz", show_health)]


def _touch(tx: ReadTx) -> int:
    return tx.head
