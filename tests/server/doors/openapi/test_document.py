"""Tests of the OpenAPI document as written from endpoint lists."""

from typing import Any

import msgspec

from contract.errors import REFUSALS
from server.doors.endpoint import Endpoint, Parameter
from server.doors.openapi.document import openapi_document


class Crate(msgspec.Struct):
    weight: int


class Receipt(msgspec.Struct):
    crate: Crate


LIST = (
    Endpoint("POST", "/crates/{shelf}", "Stores a crate.", "crates", body=Crate, answer=Receipt, status=201,
             access="desk", refusals=("stale",), parameters=(Parameter("shelf", "Which.", "path", required=True),)),
    Endpoint("GET", "/crates/{shelf}", "Shows it.", "crates", answer=Receipt, access="public"),
)  # fmt: skip


def described(method: str) -> dict[str, Any]:
    document = openapi_document(LIST, "1.2.3")
    found: dict[str, Any] = document["paths"]["/crates/{shelf}"][method]
    return found


def test_that_shapes_are_defined_once_and_referred_to() -> None:
    document = openapi_document(LIST, "1.2.3")
    assert set(document["components"]["schemas"]) == {"Crate", "Receipt", "ErrorBody"}
    answer = described("post")["responses"]["201"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/Receipt"}
    assert msgspec.json.decode(msgspec.json.encode(document)) == document


def test_that_every_refusal_of_an_address_is_under_its_status_with_its_sentence() -> None:
    responses = described("post")["responses"]
    assert set(responses) == {"201", "400", "401", "403", "409", "413", "422", "429", "503"}
    assert REFUSALS["stale"][1] in responses["409"]["description"]
    assert "`unauthorized`" in responses["401"]["description"]


def test_that_a_public_address_asks_for_no_token_and_refuses_no_one() -> None:
    found = described("get")
    assert found["security"] == []
    assert {"401", "403", "400"}.isdisjoint(found["responses"])


def test_that_every_operation_has_an_id_of_its_own() -> None:
    assert described("get")["operationId"] != described("post")["operationId"]
