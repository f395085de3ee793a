"""Accounts on unmodified clients: signing up, coming in anonymously, changing oneself."""

from typing import Any

import pytest

from contract.ids import new_id
from tests.compat.app import App, Failed
from tests.compat.clients_tried import OLDEST
from tests.compat.conftest import Desk

PASSWORD, NEXT_PASSWORD = "blue parrot 7", "green parrot 8"


def refused(app: App, code: str, reasons: list[str] | None, call: str, /, **given: Any) -> None:
    """With this code, and of a weak password these reasons, where the client knows of such."""
    with pytest.raises(Failed) as failed:
        app.call(call, **given)
    if not app.client.endswith(OLDEST):
        assert (failed.value.code, failed.value.reasons) == (code, reasons)


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
def test_that_a_new_password_ends_the_sessions_elsewhere(app: App, stranger: App) -> None:
    email = f"{new_id()}@home.example"
    app.call("signUp", email=email, password=PASSWORD)
    stranger.call("signIn", email=email, password=PASSWORD)
    refused(app, "same_password", None, "updateUser", password=PASSWORD)
    changed = app.call("updateUser", password=NEXT_PASSWORD, data={"name": "Nora B"})
    assert changed["user_metadata"]["name"] == "Nora B"
    assert app.call("user")["id"] == changed["id"]
    with pytest.raises(Failed):
        stranger.call("refresh")
    stranger.open()
    stranger.call("signIn", email=email, password=NEXT_PASSWORD)
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
