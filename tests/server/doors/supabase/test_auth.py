"""Tests of sign-in through its HTTP door, on a real store with a clock that the test holds."""

from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import structlog

from server.doors.rate_limits import Rates
from tests.support.doors_in_process import PASSWORD, DoorsInProcess, with_doors

ANN = "ann@desk.example"


async def sign_in(client: httpx.AsyncClient, email: str = ANN, password: str = PASSWORD) -> httpx.Response:
    body = {"email": email, "password": password, "gotrue_meta_security": {}}
    return await client.post("/auth/v1/token?grant_type=password", json=body)


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/auth/v1/token?grant_type=refresh_token", json={"refresh_token": token})


def bearer(session: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}"}


async def who(client: httpx.AsyncClient, session: dict[str, Any]) -> int:
    return (await client.get("/auth/v1/user", headers=bearer(session))).status_code


def refused(response: httpx.Response) -> tuple[int, str]:
    """Status and our code; supabase-js, told no version, reads `error_code` and `msg`."""
    body = response.json()
    assert body["error_code"]
    assert body["message"] == body["msg"]
    assert "x-supabase-api-version" not in response.headers
    return response.status_code, body["code"]


def test_that_a_password_opens_a_session_as_gotrue_would_write_it(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        user_id = await doors.add_user(ANN, "operator", "Ann")
        answer = await sign_in(client, "  ANN@desk.example ")
        session = answer.json()
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert (session["token_type"], session["expires_in"]) == ("bearer", 3600)
        assert session["expires_at"] == int(doors.clock.now) + 3600
        assert session["refresh_token"]
        user = session["user"]
        assert (user["id"], user["aud"], user["role"], user["email"]) == (
            user_id, "authenticated", "authenticated", ANN,
        )  # fmt: skip
        assert user["app_metadata"]["role"] == "operator"
        assert user["user_metadata"] == {"name": "Ann", "lang": "en"}
        assert (await client.get("/auth/v1/user", headers=bearer(session))).json() == user

    with_doors(tmp_path, story)


def test_that_the_access_token_can_be_checked_by_others_with_the_published_key(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        user_id = await doors.add_user(ANN)
        token = (await sign_in(client)).json()["access_token"]
        published = (await client.get("/auth/v1/.well-known/jwks.json")).json()["keys"][0]
        assert "d" not in published
        key = jwt.PyJWK(published).key
        claims = jwt.decode(token, key, algorithms=["ES256"], audience="authenticated", options={"verify_exp": False,
                            "verify_iat": False})  # fmt: skip
        assert (claims["sub"], claims["role"], claims["email"]) == (user_id, "authenticated", ANN)
        assert claims["session_id"]

    with_doors(tmp_path, story)


def test_that_wrong_passwords_and_unknown_addresses_are_told_alike(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        await doors.add_user(ANN)
        wrong, unknown = await sign_in(client, password="guess"), await sign_in(client, "bob@desk.example")
        assert refused(wrong) == refused(unknown) == (400, "invalid_credentials")
        assert wrong.json() == unknown.json()

    with_doors(tmp_path, story)


def test_that_guessing_is_limited_for_each_address_whatever_its_spelling(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        await doors.add_user(ANN)
        await doors.add_user("bob@desk.example")
        guesses = [await sign_in(client, email, "guess") for email in (ANN, ANN.upper(), ANN)]
        assert refused(guesses[-1]) == (429, "rate_limited")
        assert int(guesses[-1].headers["retry-after"]) >= 1
        assert (await sign_in(client, "bob@desk.example")).status_code == 200

    with_doors(tmp_path, story, Rates(sign_in="2/minute"))


def test_that_a_refresh_token_is_good_once_and_for_parallel_tabs(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        await doors.add_user(ANN)
        first = (await sign_in(client)).json()
        second = await refresh(client, first["refresh_token"])
        beside = await refresh(client, first["refresh_token"])
        assert second.status_code == beside.status_code == 200
        assert second.json()["refresh_token"] != first["refresh_token"]
        assert await who(client, second.json()) == 200
        assert refused(await refresh(client, "made-up")) == (400, "invalid_grant")

    with_doors(tmp_path, story)


@pytest.mark.parametrize(("scope", "here", "there"), [("local", 401, 200), ("others", 200, 401), ("global", 401, 401),
                                                      (None, 401, 401)])  # fmt: skip
def test_that_signing_out_ends_the_sessions_its_scope_names(
    tmp_path: Path, scope: str | None, here: int, there: int
) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        await doors.add_user(ANN)
        await doors.add_user("bob@desk.example")
        mine, other = (await sign_in(client)).json(), (await sign_in(client)).json()
        bobs = (await sign_in(client, "bob@desk.example")).json()
        query = f"?scope={scope}" if scope else ""
        assert (await client.post(f"/auth/v1/logout{query}", headers=bearer(mine))).status_code == 204
        assert [await who(client, session) for session in (mine, other, bobs)] == [here, there, 200]
        kept = await refresh(client, other["refresh_token"])
        assert (kept.status_code == 200) == (there == 200)

    with_doors(tmp_path, story)


def test_that_an_expired_token_is_told_apart_from_a_forged_one(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        await doors.add_user(ANN)
        session = (await sign_in(client)).json()
        forged = {"access_token": session["access_token"][:-4] + "AAAA"}
        assert refused(await client.get("/auth/v1/user", headers=bearer(forged))) == (401, "unauthorized")
        doors.clock.now += 3_601
        assert refused(await client.get("/auth/v1/user", headers=bearer(session))) == (401, "token_expired")

    with_doors(tmp_path, story)


def test_that_the_anon_key_is_nobody_and_the_service_key_the_service(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        anon, service = doors.issuer.anon_key(), doors.issuer.service_key()
        for headers in ({"apikey": anon}, {"apikey": anon, "Authorization": f"Bearer {anon}"}, {}):
            assert refused(await client.get("/auth/v1/user", headers=headers)) == (401, "unauthorized")
        answer = await client.get("/auth/v1/user", headers={"apikey": service})
        assert answer.json()["app_metadata"]["role"] == "service"

    with_doors(tmp_path, story)


@pytest.mark.parametrize(
    ("query", "body", "field"),
    [
        ("", {"email": ANN, "password": "x"}, "grant_type"),
        ("?grant_type=magic", {}, "grant_type"),
        ("?grant_type=password", {"password": "x"}, "email"),
        ("?grant_type=password", {"email": ANN}, "password"),
        ("?grant_type=password", {"email": ANN, "password": 7}, "password"),
        ("?grant_type=refresh_token", {}, "refresh_token"),
        ("?grant_type=booking_link", {"link_token": ""}, "link_token"),
    ],
)
def test_that_a_sign_in_without_what_it_needs_gets_422_naming_it(
    tmp_path: Path, query: str, body: dict[str, Any], field: str
) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        answer = await client.post(f"/auth/v1/token{query}", json=body)
        assert refused(answer) == (422, "invalid_payload")
        assert answer.json()["details"]["field"] == field

    with_doors(tmp_path, story)


@pytest.mark.parametrize(
    ("method", "path", "word"),
    [
        ("POST", "/auth/v1/otp", "Auth"),
        ("GET", "/rest/v1/", "REST"),
        ("GET", "/rest/v1/messages/1", "REST"),
        ("POST", "/storage/v1/object/files/a.png", "Storage"),
        ("POST", "/functions/v1/hello", "Functions"),
    ],
)
def test_that_what_supabase_has_and_we_do_not_is_said_by_name(
    tmp_path: Path, method: str, path: str, word: str
) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        answer = await client.request(method, path)
        assert refused(answer) == (501, "not_supported")
        assert word in answer.json()["details"]["feature"]

    with_doors(tmp_path, story)


def test_that_no_secret_of_a_sign_in_reaches_the_log(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        await doors.add_user(ANN)
        with structlog.testing.capture_logs() as logs:
            await sign_in(client, password="my-secret-guess")
            await client.post("/auth/v1/token?grant_type=booking_link", json={"link_token": "my-secret-link"})
            await client.get("/auth/v1/user", headers={"Authorization": "Bearer my-secret-token"})
        assert [line["code"] for line in logs] == ["invalid_credentials", "invalid_grant", "unauthorized"]
        assert "my-secret" not in str(logs)

    with_doors(tmp_path, story)


def test_that_settings_and_health_are_public(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        settings = (await client.get("/auth/v1/settings")).json()
        assert settings["external"]["email"] is True
        assert settings["disable_signup"] is True
        assert (await client.get("/auth/v1/health")).json()["version"] == "1.2.3"

    with_doors(tmp_path, story)
