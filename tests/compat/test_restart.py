"""A server's restart under the apps of all versions at once: each subscribes again by itself and hears what comes."""

from contextlib import ExitStack

from tests.compat.app import VERSIONS, App
from tests.compat.conftest import Desk
from tests.support.people_made import address
from tests.support.running_server import PASSWORD


def test_that_channels_live_through_the_servers_restart(desk: Desk) -> None:
    name = f"messages-{desk.mine}"
    with ExitStack() as closing:
        apps = [closing.enter_context(App(version, desk.server.url, desk.anon_key)) for version in VERSIONS]
        for app in apps:
            app.sign_in(address("omar"), PASSWORD)
            app.listen(name, {"event": "INSERT", "table": "messages"})
        before = {app.version: app.heard(name, "statuses").count("SUBSCRIBED") for app in apps}
        desk.server.restart()
        for app in apps:
            app.wait(
                lambda app=app: app.heard(name, "statuses").count("SUBSCRIBED") > before[app.version],
                f"{app.version} subscribed again",
            )
        desk.say(desk.mine, "after the restart")
        for app in apps:
            app.wait(lambda app=app: app.texts(name) == ["after the restart"], f"{app.version} heard it")
