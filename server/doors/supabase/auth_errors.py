"""Refusals under /auth/v1 in GoTrue's form, with the header that tells supabase-js which form it is."""

from collections.abc import Mapping

from starlette.responses import Response

from contract.errors import Refusal
from server.doors.http_edge import json_response, refusal_headers
from server.doors.supabase.auth_shapes import AuthError
from server.doors.supabase.refusal_form import Handler, refusing

API_VERSION = {"X-Supabase-Api-Version": "2024-01-01"}


def as_gotrue(handler: Handler, more_headers: Mapping[str, str] | None = None) -> Handler:
    def answer_to(refusal: Refusal) -> Response:
        body = AuthError(refusal.code, refusal.message, refusal.code, refusal.message, refusal.details)
        return json_response(body, refusal.status, {**refusal_headers(refusal), **API_VERSION, **(more_headers or {})})

    return refusing(handler, answer_to)
