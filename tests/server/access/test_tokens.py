"""Tokens: only ours, only while they last, and never against what is known since."""

import base64
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from contract.actors import Actor
from contract.errors import Refusal
from contract.ids import new_id
from server.access.signing_key import SigningKey
from server.access.standing import Standing
from server.access.tokens import TokenIssuer, TokenVerifier
from server.store.settings import StoreUnusable

AVA = Actor(new_id(), "agent", "Ava", ("support", "billing"), "ar")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """Issuer and verifier on one key."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.standing = Clock(), Standing()
        self.key = SigningKey.at(folder)
        self.issuer = TokenIssuer(self.key, self.clock)
        self.verifier = TokenVerifier(self.key, self.standing, self.clock)

    def refused(self, token: str) -> str:
        with pytest.raises(Refusal) as refused:
            self.verifier.verify(token)
        return refused.value.code


def test_that_a_token_says_who_and_until_when(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    token, expires_at = desk.issuer.issue(AVA, "ava@x.example", "session-1")
    identity = desk.verifier.verify(token)
    assert (identity.actor, identity.session_id, identity.email) == (AVA, "session-1", "ava@x.example")
    assert identity.expires_at == expires_at == desk.clock.now + 3600


def test_that_a_token_expires_even_if_it_was_known_as_good(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    token, _ = desk.issuer.issue(AVA, None, "session-1")
    desk.verifier.verify(token)
    desk.clock.now += 3599
    desk.verifier.verify(token)
    desk.clock.now += 1
    assert desk.refused(token) == "token_expired"


def test_that_an_ended_session_is_refused_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    token, _ = desk.issuer.issue(AVA, None, "session-1")
    other, _ = desk.issuer.issue(AVA, None, "session-2")
    desk.verifier.verify(token)
    desk.standing.end_session("session-1")
    assert desk.refused(token) == "unauthorized"
    desk.verifier.verify(other)


def test_that_the_service_key_is_service_and_the_anon_key_is_nobody(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.verifier.verify(desk.issuer.service_key()).actor.role == "service"
    assert desk.refused(desk.issuer.anon_key()) == "unauthorized"
    assert desk.verifier.is_anon_key(desk.issuer.anon_key())
    assert not desk.verifier.is_anon_key(desk.issuer.service_key())
    assert not desk.verifier.is_anon_key("nonsense")


def forged(desk: Desk, **changes: Any) -> dict[str, str]:
    """Tokens that look right and are not, by what is wrong with them."""
    claims = {"iss": "fieldline", "aud": "authenticated", "role": "service_role", "iat": 1, "exp": 9_999_999_999}
    stranger = ec.generate_private_key(ec.SECP256R1())
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    good = desk.issuer.service_key()
    return {
        "another key": jwt.encode(claims, stranger, algorithm="ES256"),
        "no signature": f"{header}.{body}.",
        "public key as a shared secret": jwt.encode(claims, "x" * 32, algorithm="HS256"),
        "other audience": jwt.encode(claims | {"aud": "elsewhere"}, desk.key.private, algorithm="ES256"),
        "other issuer": jwt.encode(claims | {"iss": "elsewhere"}, desk.key.private, algorithm="ES256"),
        "no expiry": jwt.encode(
            {name: claim for name, claim in claims.items() if name != "exp"}, desk.key.private, algorithm="ES256"
        ),
        "unknown role": jwt.encode(claims | {"role": "root"}, desk.key.private, algorithm="ES256"),
        "a person of no role": jwt.encode(claims | {"role": "authenticated"}, desk.key.private, algorithm="ES256"),
        "changed body": ".".join((good.split(".")[0], body, good.split(".")[2])),
        "cut": good[:-4],
        "empty": "",
        "endless": good + "x" * 10_000,
        "no text of a token": "مرحبا",
    }


def test_that_forged_tokens_are_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert {name: desk.refused(token) for name, token in forged(desk).items()} == dict.fromkeys(
        forged(desk), "unauthorized"
    )


def test_that_the_key_stays_the_same_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = Desk(tmp_path)
    token, _ = first.issuer.issue(AVA, None, "session-1")
    assert Desk(tmp_path).verifier.verify(token).actor == AVA
    assert (tmp_path / "signing_key.pem").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_that_a_ruined_key_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "signing_key.pem").write_bytes(content)
    with pytest.raises(StoreUnusable, match="Move it away"):
        SigningKey.at(tmp_path)


def test_that_others_can_check_tokens_with_the_published_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    token, _ = desk.issuer.issue(AVA, None, "session-1")
    published = jwt.PyJWKSet.from_dict(desk.issuer.jwks())
    key = published[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(
        token, key, algorithms=["ES256"], audience="authenticated", options={"verify_exp": False, "verify_iat": False}
    )
    assert claims["sub"] == AVA.user_id
    assert "d" not in desk.issuer.jwks()["keys"][0]


def test_that_the_verifier_remembers_a_bounded_number_of_tokens(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    verifier = TokenVerifier(desk.key, desk.standing, desk.clock, remembered=5)
    for number in range(20):
        verifier.verify(desk.issuer.issue(AVA, None, f"session-{number}")[0])
    assert len(verifier._known) == 5
