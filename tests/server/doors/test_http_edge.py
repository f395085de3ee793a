"""Tests of the HTTP edge on a small application of its own: bodies, identity, refusals, rates, CORS."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httpx
import msgspec
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.actors import Actor
from contract.errors import REFUSALS, Refusal
from server.access.identity import Identity
from server.doors.edge_middleware import edge_handlers, edge_middleware
from server.doors.http_edge import Edge, decode_body, identify, json_response, limit_public, read_body, whole_number
from server.doors.rate_limits import RateLimits, Rates

OPERATOR = Identity(Actor("u-1", "operator", "Olga"), "s-1", 2_000_000_000.0)
SIGNED_IN = {"Authorization": "Bearer good"}


class OneToken:
    """Knows one good token and one that has expired."""

    def verify(self, token: str) -> Identity:
        if token == "good":
            return OPERATOR
        raise Refusal("token_expired" if token == "old" else "unauthorized")


class Parcel(msgspec.Struct, forbid_unknown_fields=True):
    weight: int
    marks: list[str] = []
    notes: Any = None


async def take(request: Request) -> Response:
    identify(request)
    parcel = await read_body(request, Parcel)
    return json_response({"weight": parcel.weight, "page": whole_number(request, "page", 7, 1, 100)})


async def look(request: Request) -> Response:
    limit_public(request)
    return json_response({"page": whole_number(request, "page", 7, 1, 100)})


async def drop(request: Request) -> Response:
    raise KeyError("a defect")


class Answers:
    """What the application said and what it noted while saying it."""

    def __init__(self, rates: Rates, max_body: int) -> None:
        self.observed: list[tuple[str, str, int]] = []
        edge = Edge(OneToken(), RateLimits(rates), max_body)
        self.application = Starlette(
            routes=[
                Route("/parcels/{shelf}", take, methods=["POST"]),
                Route("/parcels/{shelf}", look, methods=["GET"]),
                Route("/drop", drop),
            ],
            middleware=edge_middleware(edge, ["*"], lambda *seen: self.observed.append(seen[:3])),
            exception_handlers=edge_handlers(),
        )


def ask(
    *calls: Callable[[httpx.AsyncClient], Coroutine[Any, Any, httpx.Response]],
    rates: Rates | None = None,
    max_body: int = 10_000,
) -> tuple[list[httpx.Response], Answers]:
    answers = Answers(rates or Rates(), max_body)

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(answers.application)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
            return [await call(client) for call in calls]

    return asyncio.run(run()), answers


def post(body: bytes | AsyncIterator[bytes], headers: dict[str, str] | None = None, path: str = "/parcels/a") -> Any:
    return lambda client: client.post(path, content=body, headers=SIGNED_IN if headers is None else headers)


def refused(response: httpx.Response) -> tuple[int, str]:
    body = response.json()
    assert set(body) == {"code", "message", "details"}
    assert body["message"] == REFUSALS[body["code"]][1]
    return response.status_code, body["code"]


def test_that_a_good_body_is_taken_and_the_answer_is_not_cached() -> None:
    [answer], answers = ask(post(b'{"weight": 3}'))
    assert (answer.status_code, answer.json()) == (200, {"weight": 3, "page": 7})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answers.observed == [("POST", "/parcels/{shelf}", 200)]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"weight": 3}x', b'{"weight": NaN}', b'{"marks": ["\xff"], "weight": 1}',
     b'{"weight": 1, "notes": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"],
)  # fmt: skip
def test_that_bytes_that_are_no_json_get_400(body: bytes) -> None:
    [answer], _ = ask(post(body), max_body=1_000_000)
    assert refused(answer) == (400, "malformed_json")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"[]", ""),
        (b"{}", "weight"),
        (b'{"weight": "3"}', "weight"),
        (b'{"weight": 1, "marks": [1]}', "marks[0]"),
        (b'{"weight": 1, "colour": "red"}', "colour"),
    ],
)
def test_that_a_wrong_shape_gets_422_naming_the_field(body: bytes, field: str) -> None:
    [answer], _ = ask(post(body))
    assert refused(answer) == (422, "invalid_payload")
    assert answer.json()["details"]["field"] == field


def test_that_raw_parts_are_checked_to_be_text_too() -> None:
    with pytest.raises(Refusal) as caught:
        decode_body(b'{"inside": "\xff"}', msgspec.Raw)
    assert caught.value.code == "malformed_json"


def test_that_an_oversized_body_gets_413_by_its_announced_length_and_ends_the_connection() -> None:
    [answer], _ = ask(post(b"x" * 10_001))
    assert refused(answer) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"


def test_that_an_oversized_body_of_unknown_length_is_not_read_to_its_end() -> None:
    sent = []

    async def endless() -> AsyncIterator[bytes]:
        for number in range(1_000):
            sent.append(number)
            yield b"x" * 1_000

    [answer], _ = ask(post(endless()))
    assert refused(answer) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "unauthorized"),
        ({"Authorization": "Bearer forged"}, "unauthorized"),
        ({"Authorization": "Basic good"}, "unauthorized"),
        ({"Authorization": "Bearer "}, "unauthorized"),
        ({"Authorization": "Bearer old"}, "token_expired"),
        ({"Authorization": "Bearer forged", "apikey": "good"}, "unauthorized"),
    ],
)
def test_that_who_cannot_be_identified_gets_401(headers: dict[str, str], code: str) -> None:
    [answer], _ = ask(post(b'{"weight": 3}', headers))
    assert refused(answer) == (401, code)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_that_a_key_in_the_apikey_header_identifies_too() -> None:
    [answer], _ = ask(post(b'{"weight": 3}', {"apikey": "good"}))
    assert answer.status_code == 200


def test_that_unknown_query_parameters_are_ignored_and_numbers_are_kept_in_bounds() -> None:
    pages = ["", "page=2", "page=1000", "page=-5", "colour=red&page="]
    answers, _ = ask(*[lambda client, query=query: client.get(f"/parcels/a?{query}") for query in pages])
    assert [answer.json()["page"] for answer in answers] == [7, 2, 100, 1, 7]


@pytest.mark.parametrize("page", ["two", "1.5", "9" * 30, "%00", "%F0%9F%98%80", "1_0", "%D9%A1"])
def test_that_a_parameter_that_is_no_number_gets_422(page: str) -> None:
    [answer], _ = ask(lambda client: client.get(f"/parcels/a?page={page}"))
    assert refused(answer) == (422, "invalid_payload")
    assert answer.json()["details"]["field"] == "page"


def test_that_other_addresses_and_methods_are_refused_in_the_same_form() -> None:
    (nowhere, wrong), answers = ask(
        lambda client: client.get("/nowhere/secret-token"), lambda client: client.delete("/parcels/a")
    )
    assert refused(nowhere) == (404, "not_found")
    assert refused(wrong) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["allow"]
    assert answers.observed[0] == ("GET", "unmatched", 404)


def test_that_a_defect_is_answered_without_its_traceback_and_logged_with_it() -> None:
    with structlog.testing.capture_logs() as logs:
        [answer], _ = ask(lambda client: client.get("/drop", headers={"Origin": "http://shop.example"}))
    assert refused(answer) == (500, "internal")
    assert "defect" not in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert [(line["event"], line["log_level"], bool(line["exc_info"])) for line in logs] == [
        ("request failed", "error", True)
    ]


def test_that_a_refusal_is_logged_once_without_body_token_or_path() -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        [answer], _ = ask(post(b'{"weight": "geheim"}', path="/parcels/secret?apikey=hidden"))
    assert len(logs) == 1
    assert {**logs[0], "request_id": ""} == {
        "event": "request refused", "log_level": "info", "code": "invalid_payload", "status": 422, "method": "POST",
        "route": "/parcels/{shelf}", "field": "weight", "user_id": "u-1", "request_id": "",
    }  # fmt: skip
    assert logs[0]["request_id"] == answer.headers["x-request-id"]
    assert not any(secret in json.dumps(logs) for secret in ("geheim", "good", "hidden", "secret"))


def test_that_too_many_requests_get_429_with_the_seconds_to_wait() -> None:
    answers, _ = ask(*[post(b'{"weight": 3}')] * 4, rates=Rates(write="3/minute"))
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert refused(answers[-1]) == (429, "rate_limited")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


def test_that_reading_has_a_rate_of_its_own_and_strangers_share_their_address() -> None:
    look_twice = [lambda client: client.get("/parcels/a")] * 3
    answers, _ = ask(post(b'{"weight": 3}'), *look_twice, rates=Rates(write="1/minute", public="2/minute"))
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


def test_that_guessing_tokens_is_limited_by_address() -> None:
    answers, _ = ask(*[post(b"{}", {"Authorization": "Bearer forged"})] * 3, rates=Rates(public="2/minute"))
    assert [answer.status_code for answer in answers] == [401, 401, 429]


def test_that_a_browser_may_send_what_supabase_js_sends() -> None:
    wanted = "authorization,apikey,content-type,prefer,accept-profile,content-profile,x-client-info,range"
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": f"{wanted},x-supabase-api-version,x-retry-count",
    }
    (preflight, real), _ = ask(
        lambda client: client.options("/parcels/a", headers=asked),
        post(b'{"weight": 3}', SIGNED_IN | {"Origin": "https://shop.example"}),
    )
    assert preflight.status_code == 200
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    assert real.headers["access-control-allow-origin"] == "*"
    exposed = {name.strip().lower() for name in real.headers["access-control-expose-headers"].split(",")}
    assert {"content-range", "x-supabase-api-version"} <= exposed
    assert "access-control-allow-credentials" not in real.headers
