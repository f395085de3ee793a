"""Handlers whose refusals are answered in the form that existing clients read."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from contract.errors import Refusal
from server.doors.http_edge import log_refusal

Handler = Callable[[Request], Awaitable[Response]]


def refusing(handler: Handler, answer_to: Callable[[Refusal], Response]) -> Handler:
    """`handler`, its refusals answered so. They are logged here, as the edge sees them no more."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            log_refusal(request.scope, refusal)
            return answer_to(refusal)

    return answer
