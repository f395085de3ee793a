"""The plug is out: what the customer does is kept, shown for what it is, and arrives once and in order."""

from collections.abc import Iterator

import pytest

from tests.browser.customer import CustomerBrowser
from tests.browser.desk import Desk
from tests.support.flaky_link import FlakyLink, flaky_link

pytestmark = pytest.mark.browser

KEPT = "No connection. We keep your message and send it for you."


@pytest.fixture
def link(server) -> Iterator[FlakyLink]:
    with flaky_link(server.url) as one:
        yield one


def test_that_three_messages_and_a_reload_offline_arrive_once_and_in_order(
    browser: CustomerBrowser, desk: Desk, link: FlakyLink
):
    booking, path = desk.booking()
    browser.open(link.url + path)
    browser.say("zero")
    browser.wait(lambda: browser.states()["zero"] == "sent")
    browser.wait(
        lambda: browser.driver.execute_script("return !!navigator.serviceWorker.controller") or reloaded(browser)
    )
    with link.while_down():
        for text in ("one", "two", "three"):
            browser.say(text)
        browser.wait(lambda: KEPT in browser.said("banner"))
        assert set(browser.states().values()) == {"sent", "queued"}
        browser.driver.refresh()
        browser.wait(lambda: browser.texts("mine") == ["zero", "one", "two", "three"])
        assert "Shown as of" in browser.said("banner")
    browser.wait(lambda: set(browser.states().values()) == {"sent"}, 40)
    desk.hears(booking, "three")
    desk.listen(0.5)
    assert desk.texts(booking) == ["zero", "one", "two", "three"]
    assert browser.texts("mine") == ["zero", "one", "two", "three"]
    browser.wait(lambda: not browser.seen("banner"), 3)


def reloaded(browser: CustomerBrowser) -> bool:
    """A first visit is not yet kept by the worker; the next one is."""
    browser.driver.refresh()
    return False


def test_that_both_sides_write_while_apart_and_end_with_one_history(browser, desk, link):
    booking, path = desk.booking()
    browser.open(link.url + path)
    browser.wait(lambda: browser.badge() == "PENDING")
    with link.while_down():
        browser.say("from the customer")
        desk.say(booking, "from the desk")
        desk.press(booking, "accept")
        browser.wait(lambda: browser.seen("banner"))
        assert browser.badge() == "PENDING"
    browser.wait(lambda: browser.badge() == "ACCEPTED" and browser.states() == {"from the customer": "sent"}, 40)
    assert [line.text for line in browser.lines()] == [text for _, text in desk.stored(booking)]


def test_that_what_waits_in_one_tab_waits_in_the_other_too(browser, desk, link):
    _, path = desk.booking()
    browser.open(link.url + path)
    browser.wait(lambda: browser.seen("composer"))
    first = browser.driver.current_window_handle
    browser.new_tab(link.url + "/chat")
    browser.wait(lambda: browser.seen("composer"))
    with link.while_down():
        browser.say("patience")
        browser.switch(first)
        browser.wait(lambda: browser.states() == {"patience": "queued"})


def test_that_a_tab_closed_right_after_the_click_loses_nothing(browser, desk, link):
    booking, path = desk.booking()
    browser.open(link.url + path)
    browser.wait(lambda: browser.seen("composer"))
    first = browser.driver.current_window_handle
    browser.new_tab(link.url + "/chat")
    with link.while_down():
        browser.say("said and gone")
        browser.driver.close()
        browser.switch(first)
    desk.hears(booking, "said and gone", 40)
    desk.listen(0.5)
    assert desk.texts(booking) == ["said and gone"]


def test_that_an_answer_lost_on_the_way_does_not_double_the_message(browser, desk, link):
    booking, path = desk.booking()
    browser.open(link.url + path)
    browser.wait(lambda: browser.seen("composer"))
    link.slow(0.4)
    browser.say("only once")
    desk.hears(booking, "only once")
    link.cut()
    link.slow(0)
    browser.wait(lambda: browser.states() == {"only once": "sent"}, 40)
    desk.listen(1.0)
    assert desk.texts(booking) == ["only once"]
    assert browser.texts("mine") == ["only once"]


def test_that_a_dead_link_that_looks_alive_is_found_out_when_the_page_is_looked_at(browser, desk, link):
    booking, path = desk.booking()
    browser.open(link.url + path)
    browser.wait(lambda: browser.seen("composer"))
    link.cut()
    desk.say(booking, "while the link was cut")
    browser.driver.execute_script("window.dispatchEvent(new Event('online'))")
    assert browser.wait(lambda: "while the link was cut" in browser.texts()) < 3.0


LOSE_A_FRAME = """
const Real = WebSocket;
window.WebSocket = class extends Real {
    set onmessage(heard) {
        super.onmessage = (event) => {
            if (window.lose && event.data.includes('"changes"')) window.lose = false;
            else heard(event);
        };
    }
};
"""


@pytest.mark.parametrize("noticed_by", ["the next frame", "the next heartbeat"])
def test_that_a_frame_lost_on_the_way_is_noticed_and_fetched(browser, desk, link, noticed_by):
    booking, path = desk.booking()
    browser.run_first(LOSE_A_FRAME)
    browser.open(link.url + path)
    browser.wait(lambda: browser.seen("composer") and not browser.seen("banner"))
    desk.listen(1.5)
    browser.driver.execute_script("window.lose = true")
    desk.say(booking, "lost")
    browser.wait(lambda: browser.driver.execute_script("return window.lose === false"))
    assert browser.texts("theirs") == []
    if noticed_by == "the next frame":
        desk.say(booking, "next")
    else:
        browser.driver.execute_script("window.dispatchEvent(new Event('focus'))")
    browser.wait(lambda: browser.texts("theirs")[:1] == ["lost"], 5)


def test_that_cancelling_offline_asks_again_before_it_is_sent(browser, desk, link):
    _, path = desk.booking()
    browser.open(link.url + path)
    browser.wait(lambda: "Cancel" in browser.said("presses"))
    with link.while_down():
        browser.wait(lambda: browser.seen("banner"))
        browser.press("Cancel")
        browser.driver.find_element("css selector", "#ask input[name=reason]").send_keys("No time")
        browser.press("Yes")
        browser.wait(lambda: browser.states() == {"Cancel": "held"})
    browser.wait(lambda: not browser.seen("banner"), 40)
    assert browser.badge() == "PENDING"
    browser.press("Yes")
    browser.wait(lambda: browser.badge() == "CANCELLED")
    assert browser.states() == {}


def test_that_a_cut_link_is_tried_again_whatever_the_date(browser, desk, link):
    """A browser keeps 32 bits of a delay: minus fifty years is, on half of all days, up to 24 days to wait."""
    _, path = desk.booking()
    watch = "window.odd = []; const own = setTimeout; window.setTimeout = (work, ms, ...rest) => {"
    watch += " if (!(ms >= 0 && ms < 2 ** 31)) odd.push(ms); return own(work, ms, ...rest); };"
    browser.run_first(watch)
    browser.open(link.url + path)
    browser.wait(
        lambda: browser.run("import(document.scripts[0].src.replace('main', 'sync')).then(m => done(m.link))") == "live"
    )
    with link.while_down():
        browser.wait(lambda: browser.seen("banner"))
    browser.wait(lambda: not browser.seen("banner"), 40)
    assert browser.driver.execute_script("return odd") == []


def test_that_half_written_text_survives_a_reload(browser, desk, link):
    _, path = desk.booking()
    browser.open(link.url + path)
    browser.wait(lambda: browser.seen("composer"))
    browser.find("text").send_keys("I was about to say")
    browser.driver.refresh()
    browser.wait(lambda: browser.seen("composer"))
    assert browser.find("text").get_attribute("value") == "I was about to say"


def test_that_without_a_socket_the_page_asks_every_two_seconds_and_says_so(browser, desk, link):
    booking, path = desk.booking()
    no_socket = "window.WebSocket = class { constructor() { setTimeout(() => this.onclose()); } close() {} };"
    browser.run_first(no_socket)
    browser.open(link.url + path)
    browser.say("by post")
    assert desk.hears(booking, "by post") < 3.0
    assert "checking every 2 seconds" in browser.said("banner")
    desk.say(booking, "and back")
    assert browser.wait(lambda: "and back" in browser.texts()) < 5.0
    desk.hears(booking, "by post")
    desk.confirm()
    browser.wait(lambda: browser.states() == {"by post": "delivered"})


def test_that_a_server_that_says_goodbye_is_left_in_peace_and_come_back_to(browser, desk, server):
    booking, path = desk.booking()
    count = "const later = setTimeout; window.timers = 0; window.setTimeout = (...all) => (timers++, later(...all));"
    browser.run_first(count)
    browser.open(server.url + path)
    browser.wait(lambda: browser.seen("composer"))
    before = browser.driver.execute_script("return timers")
    server.stop()
    assert browser.driver.execute_script("return timers") - before < 60
    server.start()
    browser.say("welcome back")
    browser.wait(lambda: browser.states() == {"welcome back": "sent"}, 40)
    assert ("text", "welcome back") in desk.stored(booking)


def test_that_a_replaced_history_is_taken_over_and_what_was_acknowledged_is_offered_again(
    browser, desk, server, tmp_path
):
    booking, path = desk.booking()
    browser.open(server.url + path)
    browser.say("before the backup")
    browser.wait(lambda: browser.states()["before the backup"] == "sent")
    server.command("backup", str(tmp_path / "copy.db"))
    browser.say("after the backup")
    browser.wait(lambda: browser.states()["after the backup"] == "sent")
    server.stop()
    server.command("restore", str(tmp_path / "copy.db"))
    server.start()
    mine = ["before the backup", "after the backup"]
    browser.wait(lambda: [text for _, text in desk.stored(booking) if text in mine] == mine, 40)
    browser.wait(lambda: browser.states() == dict.fromkeys(mine, "sent"), 40)
