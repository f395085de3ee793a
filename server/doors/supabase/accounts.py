"""What people do about their own account, as GoTrue would answer: sign up, come in without one, change it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.errors import Refusal
from server.access.own_account import OwnAccount, Wanted
from server.access.own_words import read_own_words
from server.access.sign_up import SignUp
from server.doors.http_edge import Edge, address_of, identify, json_response, limit_public, read_body
from server.doors.supabase.auth_answers import auth_session, auth_user
from server.doors.supabase.auth_errors import API_VERSION, as_gotrue
from server.doors.supabase.auth_shapes import SignUpRequest, UserRequest


class AccountDoor:
    """The handlers; each is one request."""

    def __init__(self, sign_up: SignUp, own_account: OwnAccount) -> None:
        self._sign_up = sign_up
        self._own_account = own_account

    def routes(self) -> list[Route]:
        return [
            Route("/auth/v1/signup", as_gotrue(self.sign_up), methods=["POST"]),
            Route("/auth/v1/user", as_gotrue(self.change), methods=["PUT"]),
        ]

    async def sign_up(self, request: Request) -> Response:
        """Without an address: anonymously. Every attempt counts for its network address: answers tell whether an
        address is known."""
        edge: Edge = request.state.edge
        limit_public(request)
        body = await read_body(request, SignUpRequest)
        if body.phone:
            raise Refusal("not_supported", {"feature": "sign-up by phone"})
        rules = self._sign_up.rules
        if rules.by_email if body.email else rules.anonymous:
            edge.limits.hit("sign_up", address_of(request))
        said = read_own_words(body.data or {})
        if not body.email:
            signed_in = await self._sign_up.anonymously(said)
        else:
            signed_in = await self._sign_up.with_password(body.email, body.password or "", said)
        return json_response(auth_session(signed_in), headers=API_VERSION)

    async def change(self, request: Request) -> Response:
        """A password is tried as often as at sign-in, and an address asked for as often as at sign-up."""
        edge: Edge = request.state.edge
        identity = identify(request)
        body = await read_body(request, UserRequest)
        if body.phone:
            raise Refusal("not_supported", {"feature": "phone numbers of accounts"})
        if body.email:
            edge.limits.hit("sign_up", address_of(request))
        if body.password is not None:
            edge.limits.hit("sign_in", identity.actor.user_id)
        wanted = Wanted(body.email or None, body.password, read_own_words(body.data or {}))
        return json_response(auth_user(await self._own_account.change(identity, wanted)), headers=API_VERSION)
