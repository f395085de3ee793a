"""Sign-in for every kind of client, as GoTrue would answer: token, user, logout, settings, health, key set."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.errors import Refusal
from server.access.accounts import plain
from server.access.new_credentials import LONGEST_EMAIL
from server.access.open_sessions import open_sessions
from server.access.sign_in import SignIn
from server.access.sign_up import SignUpRules
from server.access.tokens import TokenIssuer
from server.doors.http_edge import Edge, address_of, identify, json_response, limit_public, read_body
from server.doors.supabase.auth_answers import auth_session, auth_user
from server.doors.supabase.auth_errors import API_VERSION, as_gotrue
from server.doors.supabase.auth_shapes import AuthHealth, AuthSettings, TokenRequest
from server.store.store import Store

KEPT_AN_HOUR = {"Cache-Control": "public, max-age=3600"}


class AuthDoor:
    """The handlers; each is one request."""

    def __init__(self, store: Store, sign_in: SignIn, issuer: TokenIssuer, rules: SignUpRules, *, version: str) -> None:
        """`version` is the program's; `rules` are told under settings."""
        self._store = store
        self._sign_in = sign_in
        self._issuer = issuer
        self._rules = rules
        self._version = version

    def routes(self) -> list[Route]:
        return [
            Route("/auth/v1/token", as_gotrue(self.token), methods=["POST"]),
            Route("/auth/v1/user", as_gotrue(self.user), methods=["GET"]),
            Route("/auth/v1/logout", as_gotrue(self.logout), methods=["POST"]),
            Route("/auth/v1/settings", as_gotrue(self.settings), methods=["GET"]),
            Route("/auth/v1/health", as_gotrue(self.health), methods=["GET"]),
            Route("/auth/v1/.well-known/jwks.json", as_gotrue(self.key_set), methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """Attempts are counted by network address, those with a password by email address too."""
        edge: Edge = request.state.edge
        edge.limits.hit("sign_in_address", address_of(request))
        body = await read_body(request, TokenRequest)
        match request.query_params.get("grant_type"):
            case "password":
                email = _given(body.email, "email")
                edge.limits.hit("sign_in", plain(email)[:LONGEST_EMAIL])
                signed_in = await self._sign_in.with_password(email, _given(body.password, "password"))
            case "refresh_token":
                signed_in = await self._sign_in.with_refresh_token(_given(body.refresh_token, "refresh_token"))
            case "booking_link":
                signed_in = await self._sign_in.with_booking_link(_given(body.link_token, "link_token"))
            case other:
                known = ["password", "refresh_token", "booking_link"]
                raise Refusal("invalid_payload", {"field": "grant_type", "known": known, "sent": (other or "")[:64]})
        return json_response(auth_session(signed_in), headers=API_VERSION)

    async def user(self, request: Request) -> Response:
        person = await self._sign_in.person(identify(request))
        return json_response(auth_user(person), headers=API_VERSION)

    async def logout(self, request: Request) -> Response:
        """`scope`: `global` (every session of this person, the default), `local` (this one), `others`."""
        identity = identify(request)
        scope = request.query_params.get("scope", "global")
        if scope not in ("global", "local", "others"):
            raise Refusal("invalid_payload", {"field": "scope", "known": ["global", "local", "others"]})
        if scope != "others":
            await self._sign_in.sign_out(identity)
        if scope != "local":
            for session_id in await self._store.read(lambda tx: open_sessions(tx, identity.actor.user_id)):
                if session_id != identity.session_id:
                    await self._sign_in.sign_out(msgspec.structs.replace(identity, session_id=session_id))
        return Response(status_code=204, headers=API_VERSION)

    async def settings(self, request: Request) -> Response:
        limit_public(request)
        external = {"email": True, "phone": False, "anonymous_users": self._rules.anonymous}
        return json_response(AuthSettings(external, not self._rules.by_email), headers=API_VERSION)

    async def health(self, request: Request) -> Response:
        limit_public(request)
        return json_response(AuthHealth("GoTrue", self._version, "Fieldline speaking GoTrue's form"))

    async def key_set(self, request: Request) -> Response:
        limit_public(request)
        return json_response(self._issuer.jwks(), headers=KEPT_AN_HOUR)


def _given(value: str | None, field: str) -> str:
    if not value:
        raise Refusal("invalid_payload", {"field": field, "problem": "Missing"})
    return value
