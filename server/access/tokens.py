"""Access tokens: ES256 JWTs in GoTrue's form, one hour for people, long-lived for the two keys that `keys` prints."""

import base64
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import jwt
import msgspec

from contract.actors import ROLES, Actor
from contract.errors import Refusal
from server.access.identity import Identity
from server.access.signing_key import SigningKey
from server.access.standing import Standing

TOKEN_SECONDS = 3_600
_KEY_SECONDS = 10 * 365 * 86_400
_AUDIENCE = "authenticated"
_ISSUER = "fieldline"
SERVICE = Actor("00000000-0000-7000-8000-000000000001", "service", "Service")
"""Whoever holds the service key."""
_MAX_TOKEN = 8_192
"""Characters; longer ones are not looked at."""


class _Claims(msgspec.Struct):
    """What we read back out of a token of our own."""

    role: str
    exp: int
    sub: str = ""
    session_id: str | None = None
    email: str | None = None
    app_metadata: dict[str, Any] = msgspec.field(default_factory=dict)
    user_metadata: dict[str, Any] = msgspec.field(default_factory=dict)


class TokenIssuer:
    """Signs. `clock` gives seconds since 1970."""

    def __init__(
        self, key: SigningKey, clock: Callable[[], float] = time.time, token_seconds: int = TOKEN_SECONDS
    ) -> None:
        self._key = key
        self._clock = clock
        self.token_seconds = token_seconds

    def issue(self, actor: Actor, email: str | None, session_id: str) -> tuple[str, int]:
        """An access token and when it expires, in seconds since 1970."""
        now = int(self._clock())
        expires_at = now + self.token_seconds
        claims = {
            "sub": actor.user_id,
            "exp": expires_at,
            "email": email,
            "is_anonymous": email is None,
            "session_id": session_id,
            "app_metadata": {"role": actor.role, "departments": list(actor.departments)},
            "user_metadata": {"name": actor.name, "lang": actor.lang},
        }
        return self._sign("authenticated", now, claims), expires_at

    def anon_key(self) -> str:
        """The key that says which server is meant, and nothing about who asks."""
        return self._long_lived("anon")

    def service_key(self) -> str:
        """The key that may do everything. To be kept on servers."""
        return self._long_lived("service_role")

    def jwks(self) -> dict[str, Any]:
        """The public key, for those who check tokens themselves (RFC 7517)."""
        numbers = self._key.public.public_numbers()
        return {
            "keys": [
                {
                    "kty": "EC",
                    "crv": "P-256",
                    "alg": "ES256",
                    "use": "sig",
                    "key_ops": ["verify"],
                    "kid": self._key.key_id,
                    "x": _base64url(numbers.x),
                    "y": _base64url(numbers.y),
                }
            ]
        }

    def _long_lived(self, role: str) -> str:
        now = int(self._clock())
        return self._sign(role, now, {"exp": now + _KEY_SECONDS})

    def _sign(self, role: str, now: int, claims: dict[str, Any]) -> str:
        whole = {"iss": _ISSUER, "aud": _AUDIENCE, "role": role, "iat": now, **claims}
        return jwt.encode(whole, self._key.private, algorithm="ES256", headers={"kid": self._key.key_id})


class TokenVerifier:
    """Checks, and remembers the good ones: a signature costs 0.1 ms, a look-up nothing."""

    def __init__(
        self,
        key: SigningKey,
        standing: Standing,
        clock: Callable[[], float] = time.time,
        remembered: int = 20_000,
    ) -> None:
        self._key = key
        self._standing = standing
        self._clock = clock
        self._remembered = remembered
        self._known: OrderedDict[str, _Claims] = OrderedDict()

    def verify(self, token: str) -> Identity:
        """Who the token speaks for now; raises Refusal `unauthorized` or `token_expired`. The anon key is nobody."""
        claims = self._claims(token)
        if claims.exp <= self._clock():
            raise Refusal("token_expired")
        if claims.role == "service_role":
            return Identity(SERVICE, None, float(claims.exp))
        if claims.role != "authenticated":
            raise Refusal("unauthorized")
        if self._standing.is_ended(claims.session_id):
            raise Refusal("unauthorized", {"session": "ended"})
        actor = self._standing.actor(_actor(claims))
        if actor is None:
            raise Refusal("unauthorized")
        return Identity(actor, claims.session_id, float(claims.exp), claims.email)

    def stands(self, identity: Identity) -> bool:
        """Whether a session that once was verified has not been ended since."""
        return not self._standing.is_ended(identity.session_id)

    def is_anon_key(self, token: str) -> bool:
        """Whether it is the public key of this server, unexpired."""
        try:
            claims = self._claims(token)
        except Refusal:
            return False
        return claims.role == "anon" and claims.exp > self._clock()

    def _claims(self, token: str) -> _Claims:
        """The claims of a token that we signed, expired or not."""
        found = self._known.get(token)
        if found is not None:
            self._known.move_to_end(token)
            return found
        if len(token) > _MAX_TOKEN:
            raise Refusal("unauthorized")
        try:
            whole = jwt.decode(
                token,
                self._key.public,
                algorithms=["ES256"],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "role", "aud", "iss"]},
            )
            found = msgspec.convert(whole, _Claims)
        except (jwt.PyJWTError, msgspec.ValidationError) as error:
            raise Refusal("unauthorized") from error
        self._known[token] = found
        if len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return found


def _actor(claims: _Claims) -> Actor:
    role = next((known for known in ROLES if known == claims.app_metadata.get("role")), None)
    if role is None:
        raise Refusal("unauthorized")
    departments = tuple(map(str, claims.app_metadata.get("departments", ())))
    name, lang = str(claims.user_metadata.get("name", "")), claims.user_metadata.get("lang")
    return Actor(claims.sub, role, name, departments, "ar" if lang == "ar" else "en")


def _base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
