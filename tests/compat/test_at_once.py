"""What takes its seconds by nature, seen on all clients at once: a first join that is sent back, a server's restart."""

from collections.abc import Iterator, Sequence

import pytest

from contract.ids import new_id
from tests.compat.app import App
from tests.compat.clients_tried import CLIENTS, SEEDED
from tests.compat.conftest import Desk, signed_in


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
