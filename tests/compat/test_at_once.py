"""What takes its seconds by nature, seen on all clients at once: a first join that is sent back, a server's restart, a
link that is down. Each comes back by itself, and beyond Supabase is told what it missed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contract.ids import new_id
from tests.compat.app import App
from tests.compat.clients_tried import CLIENTS, PHOENIX, SEEDED
from tests.compat.conftest import Desk, running_desk, signed_in
from tests.compat.matrix import LACKS
from tests.support.flaky_link import FlakyLink, flaky_link
from tests.support.people_made import address
from tests.support.running_server import PASSWORD

MISSED = ["one", "two"]
NOTHING = ("Nothing is missing", True)
BY_CONFIG = "Beyond Supabase: what was missed, told once and in order after the rejoin (`config.broadcast.fieldline`)"
AS_GIVEN = "Beyond Supabase: the same by `config.fieldline`, if the client sends `config` as it was given"
BY_SETTING = "Beyond Supabase: the same for every app, by a setting of the server"
MARKED = "Beyond Supabase: each of them comes to the app marked as `replayed`"
WHOLE = "Beyond Supabase: a `system` frame says whether that was all"
CHOOSY = [client for client in CLIENTS if client != PHOENIX]
"""Supabase's own send of a `config`, and tell of a change, the fields that they know."""


@pytest.fixture(scope="module")
def started(desk: Desk) -> Iterator[Sequence[App]]:
    with desk.apps(CLIENTS) as apps:
        yield apps


@pytest.mark.feature("Realtime: with the public key alone a channel joins, and hears no row", clients=CLIENTS)
def test_that_the_public_key_alone_hears_nothing(started: Sequence[App], desk: Desk) -> None:
    """The end of a channel comes after all that it was told before."""
    name = "public:messages"
    for app in started:
        app.subscribe(name, {"event": "*", "table": "messages"})
    for app in started:
        app.wait_until_subscribed(name)
    booking, _ = desk.open_booking()
    desk.say(booking, "not for strangers")
    for app in started:
        app.leave(name)
        assert app.heard(name, "changes") == []


@pytest.mark.feature("Realtime: channels live through the server's restart", clients=CLIENTS)
@pytest.mark.feature("The seeds' apps: chat hook (A, B): lines once, status, through a restart", clients=SEEDED)
def test_that_channels_and_the_chat_hook_live_through_the_servers_restart(started: Sequence[App], desk: Desk) -> None:
    """The hook has a channel for lines and one for the status; the other channel here nobody looks after."""
    apps = signed_in(started, "omar")
    hooks = [app for app in apps if app.client in SEEDED]
    booking, _ = desk.open_booking()
    desk.say(booking, "before anybody looked")
    for app in apps:
        app.listen(f"chat:{booking}", {"event": "INSERT", "table": "messages", "filter": "kind=eq.text"})
    for app in hooks:
        app.begin("chat_hook", booking=booking)
    for app in hooks:
        app.shows("chat_hook", connection="connected", status="pending")
    said = []
    for app in hooks:
        said.append(f"from {app.client}")
        assert app.act("chat_hook", "send", id=new_id(), text=said[-1]) == "delivered"
    desk.press(booking, "accept")
    for app in hooks:
        app.shows("chat_hook", status="accepted")
    joins = [app.joins(f"chat:{booking}") for app in apps]
    desk.server.restart()
    for app, before in zip(apps, joins, strict=True):
        app.wait_until_joined_again(f"chat:{booking}", before)
    said.append("after the restart")
    desk.say(booking, said[-1])
    for app in apps:
        app.wait_for_texts(f"chat:{booking}", said)
    for app in hooks:
        shows_once(app, ["before anybody looked", *said])
        app.act("chat_hook", "stop")


def shows_once(app: App, said: list[str]) -> None:
    def texts() -> list[str]:
        messages = app.call("look", seed="chat_hook")["messages"]
        return sorted(message["message"] for message in messages if message["kind"] == "text")

    app.wait(lambda: texts() == sorted(said), f"{said} shown, once each")


@contextmanager
def behind(link: FlakyLink, started: Sequence[App], desk: Desk) -> Iterator[list[App]]:
    """Omar's, and told nothing more at the end."""
    apps = [app.at(link.url, desk.anon_key) for app in started]
    for app in apps:
        app.sign_in(address("omar"), PASSWORD)
    yield apps
    for app in started:
        app.open()


@contextmanager
def away(link: FlakyLink, apps: Sequence[App], *names: str) -> Iterator[None]:
    """The link is down meanwhile; then all channels are there again."""
    joins = {(app.client, name): app.joins(name) for app in apps for name in names}
    with link.while_down():
        yield
    for app in apps:
        for name in names:
            app.wait_until_joined_again(name, joins[app.client, name])


@pytest.mark.feature(WHOLE, clients=CLIENTS)
@pytest.mark.feature(MARKED, clients=CHOOSY, answer=LACKS)
@pytest.mark.feature(MARKED, clients=[PHOENIX])
@pytest.mark.feature(AS_GIVEN, clients=CHOOSY, answer=LACKS)
@pytest.mark.feature(AS_GIVEN, clients=[PHOENIX])
@pytest.mark.feature(BY_CONFIG, clients=CLIENTS)
def test_that_a_channel_that_asks_is_told_what_it_missed(started: Sequence[App], desk: Desk) -> None:
    booking, _ = desk.open_booking()
    asking, otherwise = f"chat:{booking}", f"messages:{booking}"
    lines = {"event": "INSERT", "table": "messages", "filter": f"booking_id=eq.{booking}"}
    resuming = {"fieldline": {"resume": True}}
    with flaky_link(desk.server.url) as link, behind(link, started, desk) as apps:
        for app in apps:
            app.listen(asking, lines, broadcast=resuming)
            app.listen(otherwise, lines, **resuming)
        with away(link, apps, asking, otherwise):
            for text in MISSED:
                desk.say(booking, text)
        desk.say(booking, "live")
        for app in apps:
            app.wait_for_texts(asking, [*MISSED, "live"])
            assert reports(app, asking)[-1] == NOTHING
            marks = [change.get("replayed") for change in app.heard(asking, "changes")]
            assert marks == ([None] * 3 if app.client in CHOOSY else [True, True, None])
            app.wait_for_texts(otherwise, ["live"] if app.client in CHOOSY else [*MISSED, "live"])
            assert (reports(app, otherwise) == []) is (app.client in CHOOSY)


@pytest.mark.feature(BY_SETTING, clients=CLIENTS)
def test_that_by_a_setting_of_the_server_every_app_is_told_what_it_missed(
    started: Sequence[App], tmp_path: Path
) -> None:
    with (
        running_desk(tmp_path, {"FIELDLINE_SUPABASE_RESUME": "true"}) as desk,
        flaky_link(desk.server.url) as link,
        behind(link, started, desk) as apps,
    ):
        name = f"messages:{desk.mine}"
        for app in apps:
            app.listen(name, {"event": "INSERT", "table": "messages", "filter": f"booking_id=eq.{desk.mine}"})
        with away(link, apps, name):
            for text in MISSED:
                desk.say(desk.mine, text)
        desk.say(desk.mine, "live")
        for app in apps:
            app.wait_for_texts(name, [*MISSED, "live"])
            assert reports(app, name)[-1] == NOTHING


def reports(app: App, name: str) -> list[tuple[str, Any]]:
    """The server's words on what was missed, and whether that was all; Python's client keeps the words alone."""
    told = [said for said in app.heard(name, "systems") if said["extension"] == "fieldline"]
    return [(said["message"], said.get("complete", True)) for said in told]
