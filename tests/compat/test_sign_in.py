"""Signing in and up on unmodified clients, tokens that are no good, and how what is not served is refused."""

from pathlib import Path
from typing import Any, Literal

import pytest

from contract.ids import new_id
from tests.compat.app import App, Failed
from tests.compat.clients_tried import OLDEST
from tests.compat.conftest import Desk
from tests.compat.matrix import REFUSED
from tests.support.people_made import address
from tests.support.running_server import PASSWORD


def refused(app: App, code: str, reasons: list[str] | None, call: str, /, **given: Any) -> None:
    """With this code, and of a weak password these reasons, where the client knows of such."""
    with pytest.raises(Failed) as failed:
        app.call(call, **given)
    assert failed.value.status in (400, 422)
    if not app.client.endswith(OLDEST):
        assert (failed.value.code, failed.value.reasons) == (code, reasons)


@pytest.mark.feature("Sign-in: password, session, user; a wrong one is refused")
def test_that_a_password_makes_a_session_and_a_wrong_one_none(stranger: App) -> None:
    refused(stranger, "invalid_credentials", None, "signIn", email=address("omar"), password="wrong")
    stranger.call("signIn", email=address("omar"), password=PASSWORD)
    assert stranger.call("session")["user"]["email"] == address("omar")
    assert stranger.call("user")["app_metadata"]["role"] == "customer"


@pytest.mark.feature("Sign-in: refresh, with a new refresh token each time")
def test_that_a_session_is_renewed_and_its_token_with_it(stranger: App) -> None:
    stranger.call("signIn", email=address("omar"), password=PASSWORD)
    before = stranger.call("session")
    after = stranger.call("refresh")
    assert after["refresh_token"] != before["refresh_token"]
    assert after["access_token"] != before["access_token"]


@pytest.mark.feature("Sign-in: one refresh token used by two tabs at once")
def test_that_two_tabs_may_renew_with_the_same_token(stranger: App) -> None:
    stranger.call("signIn", email=address("omar"), password=PASSWORD)
    shared = stranger.call("session")["refresh_token"]
    renewed = [stranger.call("refresh", refresh_token=shared) for _ in range(2)]
    assert len({shared, *(session["refresh_token"] for session in renewed)}) == 3
    assert stranger.call("user")["email"] == address("omar")


@pytest.mark.feature("Sign-in: `getClaims`, checked with the published key")
def test_that_a_client_checks_its_token_with_the_published_key(stranger: App, desk: Desk) -> None:
    stranger.call("signIn", email=address("omar"), password=PASSWORD)
    claims = stranger.call("claims")
    assert (claims["sub"], claims["role"], claims["is_anonymous"]) == (desk.ids["omar"], "authenticated", False)
    assert claims["app_metadata"]["role"] == "customer"


@pytest.mark.feature("Sign-in: signing out, this session or all")
def test_that_signing_out_everywhere_ends_the_other_session_too(stranger: App, app: App) -> None:
    for one in (stranger, app):
        one.call("signIn", email=address("sara"), password=PASSWORD)
    stranger.call("signOut", scope="local")
    assert stranger.call("session") is None
    assert app.call("user")["email"] == address("sara")
    stranger.call("signIn", email=address("sara"), password=PASSWORD)
    stranger.call("signOut", scope="global")
    with pytest.raises(Failed):
        app.call("refresh")


@pytest.mark.feature("Sign-in: signing up, where allowed; a weak password and an address that is taken are refused")
def test_that_a_customer_signs_up_once(app: App, stranger: App) -> None:
    email = f"{new_id()}@home.example"
    who = {"email": email, "password": PASSWORD}
    made = stranger.call("signUp", **who, options={"data": {"name": "Nora", "lang": "ar"}})
    assert made["session"]["user"]["id"] == made["user"]["id"]
    assert made["user"]["identities"], "an account without any would pass for one that was there already"
    assert stranger.call("user")["user_metadata"] == {"name": "Nora", "lang": "ar"}
    own = stranger.rows(["from", "profiles"], ["select", "name,role"])["data"]
    assert own == [{"name": "Nora", "role": "customer"}]
    stranger.open()
    refused(stranger, "user_already_exists", None, "signUp", **who)
    weak = {"email": f"{new_id()}@home.example", "password": "short"}
    refused(stranger, "weak_password", ["length"], "signUp", **weak)


@pytest.mark.feature("Sign-in: `updateUser` of name and password, which ends the other sessions")
def test_that_a_new_password_ends_the_sessions_elsewhere(app: App, stranger: App, desk: Desk) -> None:
    email = desk.spare(app.client)
    for one in (app, stranger):
        one.call("signIn", email=email, password=PASSWORD)
    refused(app, "same_password", None, "updateUser", password=PASSWORD)
    changed = app.call("updateUser", password="green parrot 8", data={"name": "Nora B"})
    assert changed["user_metadata"]["name"] == "Nora B"
    assert app.call("user")["id"] == changed["id"]
    with pytest.raises(Failed):
        stranger.call("refresh")
    stranger.open()
    stranger.call("signIn", email=email, password="green parrot 8")
    app.call("signOut", scope="others")
    with pytest.raises(Failed):
        stranger.call("refresh")
    assert app.call("refresh")["user"]["email"] == email


@pytest.mark.feature("Sign-in: anonymously, where allowed, with the way to a permanent account")
def test_that_somebody_without_an_account_books_and_becomes_permanent(app: App, stranger: App, desk: Desk) -> None:
    guest = stranger.call("signInAnonymously", data={"name": "Walk-in"})["user"]
    assert (guest["is_anonymous"], guest["user_metadata"]["name"]) == (True, "Walk-in")
    booking = new_id()
    asked = {"id": booking, "workflow": "protection"}
    assert stranger.rows(["from", "bookings"], ["insert", asked])["error"] is None
    assert [row["id"] for row in stranger.rows(["from", "bookings"], ["select", "id"])["data"]] == [booking]
    stranger.listen(f"chat:{booking}", {"event": "INSERT", "table": "messages"})
    desk.say(desk.theirs, "for Sara alone")
    desk.say(booking, "Welcome")
    stranger.wait(lambda: stranger.texts(f"chat:{booking}"), "the desk's answer heard")
    assert stranger.texts(f"chat:{booking}") == ["Welcome"]
    email = f"{new_id()}@home.example"
    permanent = stranger.call("updateUser", email=email, password=PASSWORD)
    assert (permanent["is_anonymous"], permanent["email"]) == (False, email)
    stranger.open()
    stranger.call("signIn", email=email, password=PASSWORD)
    assert stranger.call("user")["id"] == guest["id"]
    assert [row["id"] for row in stranger.rows(["from", "bookings"], ["select", "id"])["data"]] == [booking]


@pytest.mark.feature("Rows: with the public key alone there are none")
def test_that_the_public_key_alone_finds_nothing(stranger: App) -> None:
    found = stranger.rows(["from", "messages"], ["select", "*"])
    assert (found["data"], found["error"]) == ([], None)


@pytest.mark.feature("Realtime: a forged or expired token is refused")
@pytest.mark.parametrize("made", ["forged", "expired"])
def test_that_a_token_that_is_no_good_joins_nothing(
    stranger: App, desk: Desk, made: Literal["forged", "expired"], tmp_path: Path
) -> None:
    if not taken(stranger, desk.bad_token(made, tmp_path)):
        return
    name = f"chat:{desk.mine}"
    stranger.subscribe(name, {"event": "INSERT", "table": "messages"})
    [status] = stranger.wait(lambda: stranger.heard(name, "statuses")[:1], "the join answered")
    assert status.startswith("CHANNEL_ERROR")
    desk.say(desk.mine, "not for forgers")
    assert stranger.heard(name, "changes") == []
    stranger.call("leave", name=name)


@pytest.mark.feature("Rows: a forged or expired token is refused")
@pytest.mark.parametrize("made", ["forged", "expired"])
def test_that_a_token_that_is_no_good_reads_nothing(
    stranger: App, desk: Desk, made: Literal["forged", "expired"], tmp_path: Path
) -> None:
    taken(stranger, desk.bad_token(made, tmp_path))
    found = stranger.rows(["from", "messages"], ["select", "*"])
    assert found["data"] is None
    assert found["error"] is not None


def taken(app: App, token: str) -> bool:
    """Whether the client would send it: some look at the end of a token's time themselves."""
    try:
        app.call("carry", token=token)
    except Failed as own:
        assert "InvalidJWTToken" in str(own)
        return False
    return True


@pytest.mark.feature("Not served: Storage, answered 501 with its name", answer=REFUSED)
def test_that_storage_is_refused_by_name(app: App) -> None:
    assert "Storage" in app.call("reach", part="storage", chain=[["from", "invoices"], ["list"]])


@pytest.mark.feature("Not served: Functions, answered 501 with their name", answer=REFUSED)
def test_that_functions_are_refused_by_name(app: App) -> None:
    said = app.call("reach", part="functions", chain=[["invoke", "hello"]])
    assert "Edge Functions" in said or said.startswith("501: "), "Python's passes on the status alone"


@pytest.mark.feature("Not served: one-time passwords by mail", answer=REFUSED)
def test_that_one_time_passwords_are_refused_as_auth_that_is_not_served(app: App) -> None:
    said = app.call("reach", part="auth", chain=[["signInWithOtp", {"email": "a@b.example"}]])
    assert "this part of Auth" in said
