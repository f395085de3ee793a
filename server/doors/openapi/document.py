"""The OpenAPI document, written from the doors' endpoint lists and the contract's own types."""

from collections.abc import Iterable
from typing import Any

import msgspec

from contract.errors import REFUSALS, ErrorBody
from server.doors.endpoint import Endpoint, Parameter

_REF = "#/components/schemas/{name}"
_ACCESS_WORDS = {
    "public": "Public.",
    "signed_in": "Asks for a signed-in person; what is answered depends on who that is.",
    "staff": "Staff only (technician, dentist, agent, operator, admin, service).",
    "desk": "Desk only (agent, operator, admin, service).",
    "admin": "Administrators only.",
}
_JSON_WORDS = {"malformed_json", "invalid_payload", "body_too_large"}


def openapi_document(endpoints: Iterable[Endpoint], version: str) -> dict[str, Any]:
    """OpenAPI 3.1; `version` is the program's."""
    listed = list(endpoints)
    shapes = [shape for one in listed for shape in (one.body, one.answer) if shape is not None]
    schemas, components = msgspec.json.schema_components([ErrorBody, *shapes], ref_template=_REF)
    schema_of = dict(zip(map(id, [ErrorBody, *shapes]), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in listed:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fieldline",
            "version": version,
            "description": "The realtime server's HTTP doors. The socket, and what is called when: docs/protocol.md.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "apikey": {"type": "apiKey", "in": "header", "name": "apikey"},
            },
        },
    }


def _operation(one: Endpoint, schema_of: dict[int, Any]) -> dict[str, Any]:
    codes = _refusals(one)
    described: dict[str, Any] = {
        "summary": one.summary,
        "description": _ACCESS_WORDS[one.access],
        "operationId": _operation_id(one),
        "tags": [one.tag],
        "parameters": [_parameter(parameter) for parameter in one.parameters],
        "responses": {str(one.status): _answer(one, schema_of)} | _refusal_answers(codes, schema_of),
        "security": [] if one.access == "public" else [{"bearer": []}, {"apikey": []}],
    }
    if one.body is not None:
        media = {"schema": schema_of[id(one.body)]}
        media |= {} if one.example is None else {"example": one.example}
        described["requestBody"] = {"required": True, "content": {"application/json": media}}
    return described


def _operation_id(one: Endpoint) -> str:
    words = one.path.replace("{", "").replace("}", "").replace(".", "").replace("-", "_").strip("/").split("/")
    return "_".join([one.method.lower(), *words])


def _refusals(one: Endpoint) -> list[str]:
    codes = set(one.refusals) | {"rate_limited", "unavailable"}
    if one.access != "public":
        codes |= {"unauthorized", "token_expired"}
    if one.access in ("staff", "desk", "admin"):
        codes.add("forbidden")
    if one.body is not None:
        codes |= _JSON_WORDS
    return sorted(codes)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.text,
        "required": parameter.required,
        "schema": msgspec.json.schema(parameter.shape),
    }
    return described if parameter.example is None else described | {"example": parameter.example}


def _answer(one: Endpoint, schema_of: dict[int, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done." if one.status < 300 else "See Location."}
    if one.answer is not None:
        answer["content"] = {one.media_type: {"schema": schema_of[id(one.answer)]}}
    elif one.media_type != "application/json":
        answer["content"] = {one.media_type: {}}
    return answer


def _refusal_answers(codes: list[str], schema_of: dict[int, Any]) -> dict[str, Any]:
    by_status: dict[str, list[str]] = {}
    for code in codes:
        status, message = REFUSALS[code]
        by_status.setdefault(str(status), []).append(f"`{code}`: {message}")
    content = {"application/json": {"schema": schema_of[id(ErrorBody)]}}
    return {status: {"description": " ".join(lines), "content": content} for status, lines in by_status.items()}
