"""What cannot wait for a connection, and what the page needs beside its data: it says so, and all can be tried again."""

import pytest

from tests.browser.customer import CustomerBrowser
from tests.browser.desk import Desk
from tests.support.answering_server import answer
from tests.support.flaky_link import flaky_link
from tests.support.meddling_proxy import meddling_proxy

pytestmark = pytest.mark.browser

AGAIN = "We cannot be reached right now. Please try again."
ARABIC = "يتعذر الوصول إلينا الآن. حاول مرة أخرى."
KIND_AND_STATE = """
const open = indexedDB.open('fieldline:' + JSON.parse(localStorage.session).user.id);
open.onsuccess = () => {
    const asked = open.result.transaction('outbox').objectStore('outbox').getAll();
    asked.onsuccess = () => done(asked.result.map(({ op, state }) => `${op.kind} ${state}`));
};
"""


def long_conversation(browser: CustomerBrowser, desk: Desk, url: str) -> None:
    booking, path = desk.booking()
    for number in range(220):
        desk.say(booking, f"number {number}")
    browser.open(url + path)
    browser.wait(lambda: "number 219" in browser.texts() and not browser.seen("banner"))
    assert "number 0" not in browser.texts()


def under_the_button(browser: CustomerBrowser) -> str:
    """What is said right after *Show earlier messages*, if it is not the conversation itself."""
    return browser.driver.execute_script(
        "const next = document.getElementById('earlier').nextSibling; return next.role === 'alert' ? next.innerText : ''"
    )


def test_that_earlier_messages_that_cannot_be_had_offline_are_asked_for_again(browser: CustomerBrowser, desk, server):
    with flaky_link(server.url) as link:
        long_conversation(browser, desk, link.url)
        with link.while_down():
            browser.press("Show earlier messages")
            browser.wait(lambda: under_the_button(browser) == AGAIN)
            browser.find("lang").click()
            assert under_the_button(browser) == ARABIC
            browser.find("lang").click()
            browser.wait(lambda: browser.seen("banner"))
            assert under_the_button(browser) == AGAIN  # it is not wiped away by what the page draws meanwhile
        browser.press("Show earlier messages")
        browser.wait(lambda: "number 0" in browser.texts())
        assert under_the_button(browser) == ""


def test_that_earlier_messages_that_the_server_does_not_answer_for_are_asked_for_again(browser, desk, server):
    with meddling_proxy(server.url) as proxy:
        long_conversation(browser, desk, proxy.url)
        proxy.portal_at, proxy.portal = "/messages?", True
        for said in (answer(503, b""), answer(200, b"<html>Welcome!")):
            proxy.portal_says = said
            browser.press("Show earlier messages")
            browser.wait(lambda: under_the_button(browser) == AGAIN)
        proxy.portal = False
        browser.press("Show earlier messages")
        browser.wait(lambda: "number 0" in browser.texts() and under_the_button(browser) == "")


def test_that_a_page_that_cannot_be_kept_for_later_works_all_the_same(browser, desk, server):
    with meddling_proxy(server.url) as proxy:
        booking, path = desk.booking()
        proxy.portal_at, proxy.portal = "/worker.js", True
        browser.open(proxy.url + path)
        browser.say("kept or not")
        desk.hears(booking, "kept or not")
        assert proxy.stopped_at_portal.total() >= 1


def test_that_a_request_made_offline_is_kept_and_made_once(browser, desk, server):
    with flaky_link(server.url) as link:
        _, path = desk.booking()
        browser.open(link.url + path)
        browser.wait(lambda: browser.badge() == "PENDING")
        browser.driver.execute_script("location.hash = 'all'")
        browser.wait(lambda: browser.seen("request"))
        with link.while_down():
            browser.find("request").find_element("name", "message").send_keys("Asked for in a tunnel")
            browser.find("request").find_element("css selector", ".strong").click()
            browser.wait(lambda: browser.texts("mine") == ["Asked for in a tunnel"])
            assert browser.run(KIND_AND_STATE) == ["booking.create queued"]
        browser.wait(lambda: browser.states() == {"Asked for in a tunnel": "sent"}, 40)
        assert browser.run(KIND_AND_STATE) == ["booking.create sent"]


def test_that_a_request_sent_with_two_quick_clicks_is_made_once(browser, desk, server):
    _, path = desk.booking()
    browser.open(server.url + path)
    browser.wait(lambda: browser.badge() == "PENDING")
    browser.driver.execute_script("location.hash = 'all'")
    browser.wait(lambda: browser.seen("request"))
    browser.find("request").find_element("name", "message").send_keys("Only one, please")
    browser.driver.execute_script(
        "const send = document.querySelector('#request .strong'); send.click(); setTimeout(() => send.click())"
    )
    browser.wait(lambda: browser.states() == {"Only one, please": "sent"})
    browser.wait(lambda: not any("queued" in one for one in browser.run(KIND_AND_STATE)))
    assert browser.run(KIND_AND_STATE) == ["booking.create sent"]
