"""Something on the way answers in the server's place, or keeps the page from coming into step: nothing is lost by it."""

from collections.abc import Iterator

import pytest
import sqlcipher3

from tests.browser.customer import CustomerBrowser
from tests.browser.desk import Desk
from tests.support.answering_server import answer
from tests.support.meddling_proxy import MeddlingProxy, meddling_proxy
from tests.support.running_server import RunningServer

pytestmark = pytest.mark.browser

NOT_OURS = (
    answer(403, b""),
    answer(401, b""),
    answer(404, b"<html>Welcome!"),
    answer(200, b"<html>Welcome!"),
    answer(200, b""),
    answer(200, {}),
    answer(400, {"error": "invalid_grant"}),
    answer(404, {"detail": "Not Found", "message": "no route"}),
)
SPOIL = "localStorage.session = JSON.stringify({ ...JSON.parse(localStorage.session), expires_at: 1 })"
PAUSE = 0.2
"""Seconds: of a first pause of at most one second, the share that chance is made to take."""
LOADED_DICE = f"""
Math.random = () => {PAUSE};
addEventListener("focus", (event) => event.stopImmediatePropagation());
"""
"""A window that is looked at tries at once: that none of these tests does, and a headless browser might."""


@pytest.fixture
def proxy(server: RunningServer) -> Iterator[MeddlingProxy]:
    with meddling_proxy(server.url) as one:
        yield one


def bear_with_all(browser: CustomerBrowser, proxy: MeddlingProxy, address: str) -> None:
    """Every answer that is not ours, at least once each, to what asks for `address`; then the server's again."""
    proxy.portal_at, proxy.portal = address, True
    for said in NOT_OURS:
        proxy.portal_says = said
        enough = proxy.stopped_at_portal.total() + 2  # one may be under way with the answer before
        browser.wait(lambda: try_now(browser, proxy) >= enough)  # noqa: B023  (waited for at once)
    proxy.portal = False
    try_now(browser, proxy)


def try_now(browser: CustomerBrowser, proxy: MeddlingProxy) -> int:
    """As a person would who does not want to wait; how many requests have been stopped so far."""
    browser.driver.execute_script("document.getElementById('try').click()")
    return proxy.stopped_at_portal.total()


def test_that_no_answer_but_the_servers_own_ends_a_session(browser: CustomerBrowser, desk: Desk, proxy: MeddlingProxy):
    booking, path = desk.booking()
    browser.open(proxy.url + path)
    browser.wait(lambda: browser.seen("composer"))
    browser.driver.execute_script(SPOIL)
    proxy.portal_at, proxy.portal = "=refresh_token", True
    browser.driver.refresh()
    browser.say("kept at the portal")
    bear_with_all(browser, proxy, "=refresh_token")
    assert desk.hears(booking, "kept at the portal", 40)
    browser.wait(lambda: browser.states() == {"kept at the portal": "sent"})
    assert not browser.said("notice")


def test_that_no_answer_but_the_servers_own_fails_a_message_or_loses_a_booking(
    browser: CustomerBrowser, desk: Desk, proxy: MeddlingProxy, server: RunningServer
):
    mine, path = desk.booking()
    other, _ = desk.booking()
    desk.say(other, "told before it was yours")
    proxy.no_sockets = True
    proxy.portal_at, proxy.portal = "/sync/v1/ops", True
    browser.open(proxy.url + path)
    browser.say("kept at the portal")
    bear_with_all(browser, proxy, "/sync/v1/ops")
    desk.hears(mine, "kept at the portal", 40)
    browser.wait(lambda: browser.states() == {"kept at the portal": "sent"})
    rows = {one: desk.http.get(f"/sync/v1/bookings/{one}").json()["tables"]["bookings"][0] for one in (mine, other)}
    proxy.portal_at, proxy.portal = "/sync/v1/bookings/", True
    with sqlcipher3.connect(str(next(server.data_dir.glob("*.db")))) as database:
        moved = "UPDATE bookings SET customer_id = ? WHERE id = ?"
        database.execute(moved, (rows[mine]["customer_id"], other))
    database.close()
    bear_with_all(browser, proxy, "/sync/v1/bookings/")
    browser.driver.execute_script("location.hash = arguments[0]", rows[other]["code"])
    browser.wait(lambda: "told before it was yours" in browser.texts(), 40)


@pytest.mark.parametrize(("trouble", "asked"), [("snapshots_only", "snapshots_at"), ("hangs_up", "sockets_at")])
def test_that_who_never_comes_into_step_asks_again_after_longer_and_longer_pauses(
    browser: CustomerBrowser, desk: Desk, proxy: MeddlingProxy, trouble: str, asked: str
):
    _, path = desk.booking()
    browser.run_first(LOADED_DICE)
    setattr(proxy, trouble, True)
    proxy.portal_at, proxy.portal = "/sync/v1/changes", True  # else it polls meanwhile, which is a longer pause
    browser.open(proxy.url + path)
    browser.wait(lambda: len(getattr(proxy, asked)) >= 3)
    first, second, third = getattr(proxy, asked)[:3]
    assert second - first > PAUSE * 0.95
    assert third - second > 2 * PAUSE * 0.95
    setattr(proxy, trouble, False)
    proxy.portal = False
    browser.wait(lambda: browser.seen("composer") and not browser.seen("banner"), 40)
