"""Signing up, coming in anonymously, changing one's own account: what is allowed where, and what it does."""

from functools import partial
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import sqlalchemy as sa

from contract.ids import new_id
from server.access import accounts
from server.access.sign_up import SignUpRules
from server.doors.rate_limits import Rates
from server.store.tables import profiles
from server.store.transactions import WriteTx
from tests.server.doors.supabase.test_auth import ANN, bearer, refresh, refused, sign_in, who
from tests.support.doors_in_process import PASSWORD, DoorsInProcess, with_doors

OPEN = SignUpRules(by_email=True, anonymous=True)
OMAR = "omar@home.example"
CHOSEN = "blue parrot 7"


async def sign_up(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await client.post("/auth/v1/signup", json={"gotrue_meta_security": {}} | body)


async def change(client: httpx.AsyncClient, session: dict[str, Any], **body: Any) -> httpx.Response:
    return await client.put("/auth/v1/user", json=body, headers=bearer(session))


def word(answer: httpx.Response) -> str:
    """What supabase-js calls it."""
    found: str = answer.json()["error_code"]
    return found


def test_that_who_signs_up_is_a_customer_with_a_session_and_an_identity(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        data = {"full_name": " عمر ", "lang": "ar", "role": "admin", "departments": ["support"]}
        answer = await sign_up(client, email=" Omar@Home.example", password=CHOSEN, data=data)
        user = answer.json()["user"]
        assert (answer.status_code, user["email"], user["is_anonymous"]) == (200, OMAR, False)
        assert (user["app_metadata"]["role"], user["app_metadata"]["departments"]) == ("customer", [])
        assert user["user_metadata"] == {"name": "عمر", "lang": "ar"}
        assert [one["provider"] for one in user["identities"]] == ["email"]
        assert await who(client, answer.json()) == 200
        assert (await sign_in(client, OMAR, CHOSEN)).status_code == 200
        assert (await sign_up(client, email="sara@home.example", password=CHOSEN)).json()["user"]["user_metadata"] == {
            "name": "sara", "lang": "en",
        }  # fmt: skip

    with_doors(tmp_path, story, rules=OPEN)


def test_that_an_address_that_is_known_keeps_its_password_and_its_role(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        await doors.add_user(ANN, "operator", "Ann")
        answer = await sign_up(client, email=ANN.upper(), password=CHOSEN)
        assert refused(answer) == (422, "user_already_exists")
        assert (await sign_in(client, ANN, CHOSEN)).status_code == 400
        assert (await sign_in(client, ANN, PASSWORD)).json()["user"]["app_metadata"]["role"] == "operator"

    with_doors(tmp_path, story, rules=OPEN)


NO_ACCOUNT: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"password": "short 1"}, "weak_password", "password"),
    ({"password": ""}, "weak_password", "password"),
    ({"password": "aaaaaaaabbbb"}, "weak_password", "password"),
    ({"password": OMAR}, "weak_password", "password"),
    ({"password": "x" * 1001}, "invalid_payload", "password"),
    ({"email": "omar"}, "invalid_payload", "email"),
    ({"email": "omar@home"}, "invalid_payload", "email"),
    ({"email": "o mar@home.example"}, "invalid_payload", "email"),
    ({"email": "omar\u0000@home.example"}, "invalid_payload", "email"),
    ({"email": "o" * 300 + "@home.example"}, "invalid_payload", "email"),
    ({"data": {"name": "x" * 201}}, "invalid_payload", "data.name"),
    ({"data": {"name": "two\nlines"}}, "invalid_payload", "data.name"),
    ({"data": {"name": {"first": "Omar"}}}, "invalid_payload", "data.name"),
    ({"data": {"lang": "xx"}}, "invalid_payload", "data.lang"),
    ({"data": "Omar"}, "invalid_payload", "data"),
)


def test_that_what_makes_no_account_says_why(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        for body, code, field in NO_ACCOUNT:
            answer = await sign_up(client, **({"email": OMAR, "password": CHOSEN} | body))
            assert refused(answer) == (422, code), body
            assert answer.json()["details"]["field"] == field
        assert await doors.store.read(accounts.list_people) == []

    with_doors(tmp_path, story, rules=OPEN)


def test_that_supabase_js_is_told_why_a_password_is_weak(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        answer = await sign_up(client, email=OMAR, password="aaaa")
        assert (word(answer), answer.json()["weak_password"]) == (
            "weak_password",
            {"reasons": ["length", "characters"]},
        )

    with_doors(tmp_path, story, rules=OPEN)


@pytest.mark.parametrize(
    ("rules", "by_email", "anonymous"),
    [
        (SignUpRules(), "signup_disabled", "anonymous_provider_disabled"),
        (SignUpRules(by_email=True), None, "anonymous_provider_disabled"),
        (SignUpRules(anonymous=True), "signup_disabled", None),
    ],
)
def test_that_each_way_in_is_open_only_where_it_was_opened_and_the_settings_say_so(
    tmp_path: Path, rules: SignUpRules, by_email: str | None, anonymous: str | None
) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        for expected, body in ((by_email, {"email": OMAR, "password": CHOSEN}), (anonymous, {"data": {}})):
            answer = await sign_up(client, **body)
            assert answer.json().get("code") == expected
            assert answer.status_code == (422 if expected else 200)
        settings = (await client.get("/auth/v1/settings")).json()
        assert settings["disable_signup"] == (by_email is not None)
        assert settings["external"] == {"email": True, "phone": False, "anonymous_users": anonymous is None}

    with_doors(tmp_path, story, rules=rules)


def test_that_sign_ups_are_counted_by_network_address(tmp_path: Path) -> None:
    """Those refused too: an answer tells whether an address is known."""

    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        await doors.add_user(ANN)
        answers = [await sign_up(client, email=ANN, password=CHOSEN), await sign_up(client), await sign_up(client)]
        assert [answer.status_code for answer in answers] == [422, 200, 429]
        assert word(answers[-1]) == "over_request_rate_limit"

    with_doors(tmp_path, story, Rates(sign_up="2/hour"), OPEN)


def test_that_the_anonymous_are_said_to_be_in_user_and_token(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        session = (await sign_up(client, data={"lang": "ar"})).json()
        user, claims = session["user"], jwt.decode(session["access_token"], options={"verify_signature": False})
        assert (user["email"], user["is_anonymous"], user["identities"]) == (None, True, [])
        assert user["app_metadata"] == {"role": "customer", "departments": []}
        assert user["user_metadata"] == {"name": "ضيف", "lang": "ar"}
        assert (claims["is_anonymous"], claims["role"]) == (True, "authenticated")
        assert (await refresh(client, session["refresh_token"])).json()["user"]["id"] == user["id"]

    with_doors(tmp_path, story, rules=OPEN)


def test_that_an_anonymous_person_becomes_a_permanent_one_step_by_step_or_at_once(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        guest, other = (await sign_up(client)).json(), (await sign_up(client)).json()
        lone = await change(client, guest, password=CHOSEN)
        assert refused(lone) == (422, "invalid_payload")
        named = (await change(client, guest, email=OMAR)).json()
        assert (named["id"], named["email"], named["is_anonymous"]) == (guest["user"]["id"], OMAR, False)
        assert (await change(client, guest, password=CHOSEN)).status_code == 200
        assert (await sign_in(client, OMAR, CHOSEN)).json()["user"]["id"] == guest["user"]["id"]
        assert refused(await change(client, other, email=OMAR, password=CHOSEN)) == (422, "email_exists")
        both = await change(client, other, email="sara@home.example", password=CHOSEN, data={"name": "Sara"})
        assert both.json()["user_metadata"] == {"name": "Sara", "lang": "en"}
        assert (await sign_in(client, "sara@home.example", CHOSEN)).status_code == 200

    with_doors(tmp_path, story, rules=OPEN)


def test_that_a_new_password_keeps_this_session_and_ends_the_others(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        await doors.add_user(ANN)
        here, there = (await sign_in(client)).json(), (await sign_in(client)).json()
        assert refused(await change(client, here, password=PASSWORD)) == (422, "same_password")
        assert refused(await change(client, here, password="short")) == (422, "weak_password")
        assert [await who(client, session) for session in (here, there)] == [200, 200]
        assert (await change(client, here, password=CHOSEN)).status_code == 200
        assert [await who(client, session) for session in (here, there)] == [200, 401]
        ended = await client.get("/auth/v1/user", headers=bearer(there))
        assert word(ended) == "session_not_found"
        assert refused(await refresh(client, there["refresh_token"])) == (400, "invalid_grant")
        assert (await refresh(client, here["refresh_token"])).status_code == 200
        assert [(await sign_in(client, ANN, one)).status_code for one in (PASSWORD, CHOSEN)] == [400, 200]

    with_doors(tmp_path, story)


def test_that_a_name_and_a_language_are_written_where_everyone_reads_them(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        user_id = await doors.add_user(ANN, "operator", "Ann")
        session = (await sign_in(client)).json()
        changed = (await change(client, session, data={"name": "آن", "lang": "ar", "role": "admin"})).json()
        assert changed["user_metadata"] == {"name": "آن", "lang": "ar"}
        assert changed["app_metadata"]["role"] == "operator"
        row = await doors.store.read(lambda tx: tx.one(sa.select(profiles).where(profiles.c.id == user_id)))
        assert row is not None
        assert (row["name"], row["lang"], row["role"]) == ("آن", "ar", "operator")

    with_doors(tmp_path, story)


def test_that_an_address_once_given_stays_and_saying_it_again_is_no_change(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        await doors.add_user(ANN)
        session = (await sign_in(client)).json()
        assert refused(await change(client, session, email="ann@elsewhere.example")) == (501, "not_supported")
        assert (await change(client, session, email=ANN.upper())).json()["email"] == ANN

    with_doors(tmp_path, story)


def test_that_whoever_holds_a_bookings_link_cannot_take_its_customers_account(tmp_path: Path) -> None:
    """A link may be passed on. It opens bookings; it is no proof of being that person."""

    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        def linked(tx: WriteTx, customer_id: str | None) -> str:
            booking_id = new_id()
            values = {
                "id": booking_id,
                "code": f"CHT{booking_id[-6:].upper()}",
                "workflow": "chat",
                "status": "pending",
            }
            tx.insert_booking({**values, "customer_id": customer_id, "customer_name": "Omar"})
            return accounts.make_link(tx, booking_id)

        owner = await doors.add_user(OMAR, "customer", "Omar")
        for customer_id in (owner, None):
            link = await doors.store.write(partial(linked, customer_id=customer_id))
            grant = await client.post("/auth/v1/token?grant_type=booking_link", json={"link_token": link})
            for wanted in (
                {"password": CHOSEN},
                {"password": PASSWORD},
                {"email": "thief@home.example", "password": CHOSEN},
            ):
                answer = await change(client, grant.json(), **wanted)
                assert refused(answer) == (403, "forbidden")
                assert word(answer) == "reauthentication_needed"
            assert (await change(client, grant.json(), data={"lang": "ar"})).status_code == 200
        assert (await sign_in(client, OMAR, PASSWORD)).status_code == 200

    with_doors(tmp_path, story)


def test_that_the_service_key_and_nobody_have_no_account_to_change(tmp_path: Path) -> None:
    async def story(doors: DoorsInProcess, client: httpx.AsyncClient) -> None:
        service = {"access_token": doors.issuer.service_key()}
        assert refused(await change(client, service, data={"name": "x"})) == (403, "forbidden")
        anon = {"access_token": doors.issuer.anon_key()}
        assert refused(await change(client, anon, data={"name": "x"})) == (401, "unauthorized")

    with_doors(tmp_path, story)
