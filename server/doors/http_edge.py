"""The edge of every HTTP door: JSON in and out, who is asking, and refusals in their one form."""

import re
from typing import Any, Protocol, TypeVar

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from contract.errors import Refusal, error_body
from server.access.identity import Identity
from server.doors.rate_limits import RateLimits

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode
_PLACE = re.compile(r" - at `(?P<place>[^`]*)`$")
_FIELD = re.compile(r"field `(?P<field>[^`]*)`")
_log = structlog.get_logger("http")


class Verifier(Protocol):
    """What the edge asks of server.access.tokens.TokenVerifier."""

    def verify(self, token: str) -> Identity: ...


class Edge(msgspec.Struct, frozen=True):
    """What every request's handling leans on; the middleware puts it into `request.state.edge`."""

    verifier: Verifier
    limits: RateLimits
    max_body: int = 2 * 1024 * 1024
    """Bytes. 50 operations of 8,000 characters fit."""


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`value` (structs, dicts, lists) as JSON, never cached unless `headers` say otherwise."""
    return Response(_encode(value), status, {"Cache-Control": "no-store"} | (headers or {}), "application/json")


def bearer_token(request: Request) -> str | None:
    """The token sent as `Authorization: Bearer …`, else as `apikey`, else None."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get("apikey") or None


def identify(request: Request) -> Identity:
    """Who asks. Counts the request against that person's rate, so that no door can forget to.

    Raises Refusal `unauthorized`, `token_expired` or `rate_limited`."""
    edge: Edge = request.state.edge
    token = bearer_token(request)
    if token is None:
        limit_public(request)
        raise Refusal("unauthorized")
    try:
        identity = edge.verifier.verify(token)
    except Refusal:
        limit_public(request)
        raise
    request.state.user_id = identity.actor.user_id
    edge.limits.hit("read" if request.method in ("GET", "HEAD") else "write", identity.actor.user_id)
    return identity


def limit_public(request: Request) -> None:
    """Counts a request of nobody in particular against its network address."""
    edge: Edge = request.state.edge
    edge.limits.hit("public", address_of(request))


def address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def read_bytes(request: Request) -> bytes:
    """The body; raises Refusal `body_too_large` before more than the limit is held in memory."""
    edge: Edge = request.state.edge
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > edge.max_body:
        raise Refusal("body_too_large", {"limit": edge.max_body})
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > edge.max_body:
            raise Refusal("body_too_large", {"limit": edge.max_body})
    return bytes(body)


async def read_body(request: Request, shape: type[T]) -> T:
    """The body as `shape`; raises Refusal `body_too_large`, `malformed_json` or `invalid_payload`."""
    return decode_body(await read_bytes(request), shape)


def decode_body(body: bytes, shape: type[T]) -> T:
    """JSON bytes as `shape`. The whole text is checked to be UTF-8 first: raw parts are not looked into later."""
    try:
        body.decode("utf-8")
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise Refusal("invalid_payload", field_details(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal("malformed_json", {"problem": str(error)}) from error
    except RecursionError as error:
        raise Refusal("malformed_json", {"problem": "nested too deeply"}) from error


def field_details(error: msgspec.ValidationError) -> dict[str, str]:
    """{field, problem} from msgspec's sentence; field is a path such as `ops[0].kind`, empty for the whole body."""
    sentence = str(error)
    place = _PLACE.search(sentence)
    parts = [place["place"].removeprefix("$").removeprefix(".")] if place else []
    named = _FIELD.search(sentence)
    if named:
        parts.append(named["field"])
    return {"field": ".".join(part for part in parts if part), "problem": _PLACE.sub("", sentence)}


def whole_number(request: Request, name: str, default: int, low: int, high: int) -> int:
    """A query parameter as a number within [low, high]: beyond them the nearest; Refusal when it is no number."""
    text = request.query_params.get(name)
    if text is None or text == "":
        return default
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise Refusal("invalid_payload", {"field": name, "problem": "Expected a whole number"})
    return min(max(int(text), low), high)


def refusal_response(refusal: Refusal, headers: dict[str, str] | None = None) -> Response:
    """The one form of a refusal on our own doors."""
    return json_response(error_body(refusal), refusal.status, refusal_headers(refusal) | (headers or {}))


def refusal_headers(refusal: Refusal) -> dict[str, str]:
    """Retry-After (whole seconds) on 429 and 503; the scheme on 401; an unread body ends the connection."""
    if refusal.status in (429, 503):
        return {"Retry-After": str(max(1, round(refusal.retry_after or 1)))}
    if refusal.status == 401:
        return {"WWW-Authenticate": "Bearer"}
    return {"Connection": "close"} if refusal.status == 413 else {}


def log_refusal(scope: Scope, refusal: Refusal) -> None:
    """The one log line of a refusal. Never a body, a header, a query or a raw path: those may hold secrets."""
    details = refusal.details if isinstance(refusal.details, dict) else {}
    _log.info(
        "request refused",
        code=refusal.code,
        status=refusal.status,
        method=scope["method"],
        route=route_of(scope),
        field=details.get("field"),
        user_id=scope.get("state", {}).get("user_id"),
    )


def route_of(scope: Scope) -> str:
    """The route's pattern, such as `/c/{link_token}`; `unmatched` when there was none."""
    path: str = getattr(scope.get("route"), "path", "unmatched")
    return path
