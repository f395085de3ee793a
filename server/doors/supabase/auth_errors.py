"""Refusals under /auth/v1 in GoTrue's form, with the header that tells supabase-js which form it is."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from contract.errors import Refusal
from server.doors.http_edge import json_response, log_refusal, refusal_headers
from server.doors.supabase.auth_shapes import AuthError

API_VERSION = {"X-Supabase-Api-Version": "2024-01-01"}
Handler = Callable[[Request], Awaitable[Response]]


def as_gotrue(handler: Handler, more_headers: Mapping[str, str] | None = None) -> Handler:
    """`handler`, answering its refusals in that form. They are logged here, as the edge sees them no more."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            log_refusal(request.scope, refusal)
            body = AuthError(refusal.code, refusal.message, refusal.code, refusal.message, refusal.details)
            return json_response(
                body, refusal.status, {**refusal_headers(refusal), **API_VERSION, **(more_headers or {})}
            )

    return answer
