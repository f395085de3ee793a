"""What only browsers do: a session kept in localStorage, through a reload and in two tabs at once. (The other tests run
in Chromium too, from another origin than the server's: preflights, `prefer`, the exposed count.)"""

from collections.abc import Iterator

import pytest

from tests.compat.app import App
from tests.compat.clients_tried import PAGES
from tests.compat.conftest import Desk
from tests.compat.page import Page
from tests.support.people_made import address
from tests.support.running_server import PASSWORD

OWN_GUARD = "Refresh result discarded"
"""The newest throws its own new session away when another tab has stored one meanwhile, and goes on with that."""


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    opened = Page()
    yield opened
    opened.close()


def app_in(page: Page, client: str, desk: Desk) -> App:
    """With the session where browsers keep it."""
    return App(client, desk.server.url, desk.anon_key, program=page, auth={"persistSession": True})


@pytest.fixture
def app(page: Page, request: pytest.FixtureRequest, desk: Desk) -> App:
    return app_in(page, request.node.callspec.params["page"], desk)


@pytest.mark.feature("In a browser: the session is kept through a reload, and channels find it again")
def test_that_a_reload_keeps_the_session(app: App, page: Page, desk: Desk) -> None:
    app.sign_in(address("omar"), PASSWORD)
    before = app.call("session")
    page.reload()
    app.open()
    assert app.call("session")["refresh_token"] == before["refresh_token"]
    name = f"messages:{desk.mine}"
    app.listen(name, {"event": "INSERT", "table": "messages", "filter": f"booking_id=eq.{desk.mine}"})
    desk.say(desk.mine, "after the reload")
    hears(app, name, "after the reload")


@pytest.mark.feature("In a browser: two tabs of one session renew it at the same time")
def test_that_two_tabs_renew_one_session_without_losing_it(app: App, page: Page, desk: Desk) -> None:
    app.sign_in(address("omar"), PASSWORD)
    second = Page(beside=page)
    other = app_in(second, app.client, desk)
    for tab in (app, other):
        tab.listen(f"chat:{desk.mine}", {"event": "INSERT", "table": "messages"})
    tabs = (page, second)
    for one in tabs:
        one.begin("window.renewing = window.ask({id: 1, call: 'refresh'})")
    answers = [one.run("window.renewing") for one in tabs]
    refused = [answer["error"]["message"] for answer in answers if "error" in answer]
    assert all(message.startswith(OWN_GUARD) for message in refused), refused
    desk.say(desk.mine, "to both tabs")
    for tab in (app, other):
        assert tab.call("refresh")["user"]["email"] == address("omar")
        hears(tab, f"chat:{desk.mine}", "to both tabs")
    second.close()


def hears(app: App, name: str, text: str) -> None:
    app.wait(lambda: app.texts(name) == [text], f"{text} heard")
