"""Refusals under /rest/v1 in PostgREST's form {code, message, details, hint}, with the codes that apps look at."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from contract.errors import Refusal
from server.doors.http_edge import json_response, refusal_headers
from server.doors.supabase.refusal_form import Handler, refusing

_CODES: Mapping[str, str] = {
    "unauthorized": "PGRST301",
    "token_expired": "PGRST303",
    "forbidden": "42501",
    "invalid_payload": "PGRST100",
    "malformed_json": "PGRST102",
    "code_taken": "23505",
    "op_id_reuse": "23505",
}
NO_TABLE, NO_FUNCTION, NOT_ONE = "PGRST205", "PGRST202", "PGRST116"


class RowError(msgspec.Struct, frozen=True):
    code: str
    message: str
    details: str | None = None
    hint: str | None = None


def error_response(status: int, error: RowError, headers: Mapping[str, str] | None = None) -> Response:
    return json_response(error, status, dict(headers or {}))


def as_postgrest(handler: Handler) -> Handler:
    def answer_to(refusal: Refusal) -> Response:
        return error_response(refusal.status, row_error(refusal), refusal_headers(refusal))

    return refusing(handler, answer_to)


def row_error(refusal: Refusal) -> RowError:
    details = refusal.details if isinstance(refusal.details, dict) else {}
    problem = details.get("problem")
    text = None if refusal.details is None else msgspec.json.encode(refusal.details).decode()
    return RowError(
        str(details.get("code") or _CODES.get(refusal.code, refusal.code)),
        str(problem) if problem else refusal.message,
        text,
        refusal.message if problem else None,
    )
