"""A server's restart under apps on all clients at once: each subscribes again by itself and hears what comes."""

from contextlib import ExitStack

import pytest

from tests.compat.app import App
from tests.compat.clients_tried import CLIENTS
from tests.compat.conftest import Desk
from tests.support.people_made import address
from tests.support.running_server import PASSWORD


@pytest.mark.feature("Realtime: channels live through the server's restart", clients=CLIENTS)
def test_that_channels_live_through_the_servers_restart(desk: Desk) -> None:
    name = f"messages-{desk.mine}"
    with ExitStack() as closing:
        apps = [closing.enter_context(App(client, desk.server.url, desk.anon_key)) for client in CLIENTS]
        for app in apps:
            app.sign_in(address("omar"), PASSWORD)
            app.listen(name, {"event": "INSERT", "table": "messages"})
        before = [subscriptions(app, name) for app in apps]
        desk.server.restart()
        for app, times in zip(apps, before, strict=True):
            wait_for_more(app, name, times)
        desk.say(desk.mine, "after the restart")
        for app in apps:
            wait_for_text(app, name, "after the restart")


def subscriptions(app: App, name: str) -> int:
    return app.heard(name, "statuses").count("SUBSCRIBED")


def wait_for_more(app: App, name: str, times: int) -> None:
    app.wait(lambda: subscriptions(app, name) > times, "subscribed again")


def wait_for_text(app: App, name: str, text: str) -> None:
    app.wait(lambda: app.texts(name) == [text], "heard it")
