"""What stands around all HTTP doors: CORS, request ids, refusals as answers, and the last-chance handler."""

import time
from collections.abc import Callable, Sequence

import structlog
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from contract.errors import Refusal
from contract.ids import new_id
from server.doors.http_edge import Edge, log_refusal, refusal_response, route_of

ALLOWED_HEADERS = (
    "authorization", "apikey", "content-type", "prefer", "accept-profile", "content-profile", "x-client-info",
    "x-supabase-api-version", "x-retry-count", "range", "idempotency-key", "if-none-match",
)  # fmt: skip
EXPOSED_HEADERS = ("content-range", "x-supabase-api-version", "x-request-id", "retry-after", "etag")
"""What supabase-js sends and reads in a browser (reference on Supabase's wire, 3), and what our own page does."""

_HTTP_REFUSALS = {404: "not_found", 405: "method_not_allowed"}
_log = structlog.get_logger("http")

Observe = Callable[[str, str, int, float], None]
"""(method, route, status, seconds) of every answered request."""


def edge_middleware(edge: Edge, origins: Sequence[str], observe: Observe) -> list[Middleware]:
    """For Starlette's `middleware`. CORS is outermost, so that a browser can read refusals and failures too."""
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"),
            allow_headers=ALLOWED_HEADERS,
            expose_headers=EXPOSED_HEADERS,
            max_age=600,
        ),
        Middleware(EdgeMiddleware, edge=edge, observe=observe),
    ]


def edge_handlers() -> dict[type[Exception], ExceptionHandler]:
    """For Starlette's `exception_handlers`: no such address and no such method, as JSON."""
    return {HTTPException: _answer_http_exception}


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException) or error.status_code not in _HTTP_REFUSALS:
        raise error
    refusal = Refusal(_HTTP_REFUSALS[error.status_code])
    log_refusal(request.scope, refusal)
    return refusal_response(refusal, dict(error.headers or {}))


class EdgeMiddleware:
    """Gives every request an id and the Edge, turns Refusal into its answer, and anything unforeseen into
    `internal`, whose traceback goes to the log and nowhere else."""

    def __init__(self, app: ASGIApp, edge: Edge, observe: Observe) -> None:
        self._app = app
        self._edge = edge
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = new_id()
        scope.setdefault("state", {})["edge"] = self._edge
        begun = time.perf_counter()
        answer = _Answer(send, request_id)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            failure = await self._run(scope, receive, answer)
            if failure is not None and answer.status == 0:
                await failure(scope, receive, answer)
        self._observe(scope["method"], route_of(scope), answer.status, time.perf_counter() - begun)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> Response | None:
        try:
            await self._app(scope, receive, send)
        except Refusal as refusal:
            log_refusal(scope, refusal)
            return refusal_response(refusal)
        except ClientDisconnect:
            _log.info("client gone", method=scope["method"], route=route_of(scope))
        except Exception:
            _log.exception("request failed", method=scope["method"], route=route_of(scope))
            return refusal_response(Refusal("internal"))
        return None


class _Answer:
    """`send` that notes the status and adds the headers every answer has."""

    def __init__(self, send: Send, request_id: str) -> None:
        self.status = 0
        self._send = send
        self._headers = [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", []), *self._headers]}
        await self._send(message)
