"""The rest of Supabase's addresses: a clear no that names the feature, rather than a puzzling 404."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.errors import Refusal
from server.doors.http_edge import limit_public
from server.doors.supabase.auth_errors import as_gotrue
from server.doors.supabase.refusal_form import Handler

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
FEATURES = {
    "/auth/v1": "this part of Auth (served: signup, token with password, refresh_token and booking_link, user, logout)",
    "/rest/v1": "this part of REST (served: tables and rpc, see docs/supabase.md)",
    "/storage/v1": "Storage",
    "/functions/v1": "Edge Functions",
    "/graphql/v1": "GraphQL",
}


def routes(served: Mapping[str, str]) -> list[Route]:
    """To be mounted after everything that is served below the same prefixes: `served` maps those addresses to their
    methods, written as in the header Allow."""
    return [
        *(Route(path, _wrong_method(allowed), methods=_METHODS) for path, allowed in served.items()),
        *(
            route
            for prefix, feature in FEATURES.items()
            for route in (
                Route(prefix, _refuse(feature), methods=_METHODS),
                Route(prefix + "/{rest:path}", _refuse(feature), methods=_METHODS),
            )
        ),
    ]


def _wrong_method(allowed: str) -> Handler:
    async def refuse(request: Request) -> Response:
        raise Refusal("method_not_allowed", {"allowed": allowed})

    return as_gotrue(refuse, {"Allow": allowed})


def _refuse(feature: str) -> Handler:
    async def refuse(request: Request) -> Response:
        limit_public(request)
        refusal = Refusal("not_supported", {"feature": feature})
        refusal.message = f"{feature}: {refusal.message}"  # clients show the message and nothing else
        raise refusal

    return as_gotrue(refuse)
