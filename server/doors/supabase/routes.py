"""Every address of Supabase's HTTP, described and mounted: what is served first, then the clear no to the rest."""

from typing import Any, Protocol

from starlette.routing import Route

from server.doors.endpoint import Endpoint, Parameter
from server.doors.supabase import not_served
from server.doors.supabase.auth_shapes import (
    AuthHealth,
    AuthSession,
    AuthSettings,
    AuthUser,
    SignUpRequest,
    TokenRequest,
    UserRequest,
)
from server.doors.supabase.realtime.http_broadcast import ENDPOINTS as BROADCAST
from server.doors.supabase.rows.endpoints import ENDPOINTS as ROWS

_TAG = "sign-in"

ENDPOINTS = (
    *ROWS,
    *BROADCAST,
    Endpoint("POST", "/auth/v1/token", "Signs in, or stays signed in.", _TAG, body=TokenRequest, answer=AuthSession,
             example={"email": "operator@fieldline.demo", "password": "demo-demo"}, access="public",
             refusals=("invalid_credentials", "invalid_grant"), parameters=(
                 Parameter("grant_type", "`password` (email, password), `refresh_token` (refresh_token) or "
                           "`booking_link` (link_token).", required=True),)),
    Endpoint("GET", "/auth/v1/user", "Who is signed in.", _TAG, answer=AuthUser),
    Endpoint("PUT", "/auth/v1/user", "Changes the own name, language or password; gives an anonymous person an address "
             "and a password. A new password ends the other sessions.", _TAG, body=UserRequest, answer=AuthUser,
             example={"data": {"lang": "en"}},
             refusals=("email_exists", "weak_password", "same_password", "forbidden", "not_supported")),
    Endpoint("POST", "/auth/v1/signup", "Makes a customer's account, or, without an address, lets one in anonymously.",
             _TAG, body=SignUpRequest, answer=AuthSession, access="public",
             refusals=("signup_disabled", "anonymous_provider_disabled", "user_already_exists", "weak_password",
                       "not_supported")),
    Endpoint("POST", "/auth/v1/logout", "Ends sessions; their tokens are refused from then on.", _TAG, status=204,
             refusals=("invalid_payload",),
             parameters=(Parameter("scope", "`global` (all of this person's, the default), `local`, `others`."),)),
    Endpoint("GET", "/auth/v1/settings", "What sign-in is offered.", _TAG, answer=AuthSettings, access="public"),
    Endpoint("GET", "/auth/v1/health", "That sign-in is served.", _TAG, answer=AuthHealth, access="public"),
    Endpoint("GET", "/auth/v1/.well-known/jwks.json", "The public key of access tokens (RFC 7517).", _TAG,
             answer=dict[str, Any], access="public"),
)  # fmt: skip


class Door(Protocol):
    def routes(self) -> list[Route]: ...


def routes(*doors: Door) -> list[Route]:
    """What `doors` serve, and the no to whatever else is asked for below their prefixes."""
    allowed: dict[str, str] = {}
    for one in ENDPOINTS:
        methods = "GET, HEAD" if one.method == "GET" else one.method
        allowed[one.path] = f"{allowed[one.path]}, {methods}" if one.path in allowed else methods
    return [*(route for door in doors for route in door.routes()), *not_served.routes(allowed)]
