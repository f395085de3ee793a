"""Refusals under /auth/v1 in GoTrue's form and words, beside our own for our own clients."""

from collections.abc import Mapping

from starlette.responses import Response

from contract.errors import Refusal
from server.doors.http_edge import json_response, refusal_headers
from server.doors.supabase.auth_shapes import AuthError, WeakPassword
from server.doors.supabase.refusal_form import Handler, refusing

API_VERSION = {"X-Supabase-Api-Version": "2024-01-01"}
"""Of answers that are no refusals: with it, clients would look for GoTrue's word where ours stands."""
_WORDS: Mapping[str, str] = {
    "unauthorized": "bad_jwt",
    "token_expired": "bad_jwt",
    "invalid_grant": "refresh_token_not_found",
    "invalid_payload": "validation_failed",
    "malformed_json": "bad_json",
    "rate_limited": "over_request_rate_limit",
    "forbidden": "reauthentication_needed",
    "internal": "unexpected_failure",
}


def as_gotrue(handler: Handler, more_headers: Mapping[str, str] | None = None) -> Handler:
    def answer_to(refusal: Refusal) -> Response:
        return json_response(_body(refusal), refusal.status, {**refusal_headers(refusal), **(more_headers or {})})

    return refusing(handler, answer_to)


def _body(refusal: Refusal) -> AuthError:
    details = refusal.details if isinstance(refusal.details, dict) else {}
    weak = WeakPassword(details["reasons"]) if refusal.code == "weak_password" else None
    word = "session_not_found" if details.get("session") == "ended" else _WORDS.get(refusal.code, refusal.code)
    return AuthError(refusal.code, refusal.message, word, refusal.message, refusal.details, weak)
