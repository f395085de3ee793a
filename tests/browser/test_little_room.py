"""A telephone without room, or a page closed in the middle: what was acknowledged, asked or opened is neither lost nor
doubled by it, and whoever asked is told."""

import pytest
from selenium.webdriver import Keys

from contract.ids import new_id

pytestmark = pytest.mark.browser

FULL_ONCE = """
for (const name of ["put", "delete", "get", "getAll"]) {
    const work = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (...given) {
        const request = work.apply(this, given);
        if ((window.full ?? localStorage.full) !== `${name} ${this.name}`) return request;
        localStorage.removeItem("full");
        delete window.full;
        this.transaction.abort();
        return request;
    };
}
"""
"""What is named in `window.full` (this tab) or `localStorage.full` (whichever tab is first, and after a reload) fails
once, as it does on a full disk: not at once, but when it should have been written."""
NO_WORKFLOWS_ONCE = """
const ask = fetch;
window.fetch = (path, ...how) => {
    if (!path.endsWith("/workflows") || window.failed) return ask(path, ...how);
    window.failed = true;
    return Promise.reject(new TypeError("cut"));
};
"""
OUTBOX = """
const open = indexedDB.open('fieldline:' + JSON.parse(localStorage.session).user.id);
open.onsuccess = () => {
    const asked = open.result.transaction('outbox').objectStore('outbox').getAll();
    asked.onsuccess = () => done(asked.result.map(({ state }) => state));
};
"""
TOO_LONG = """
const open = indexedDB.open('fieldline:' + JSON.parse(localStorage.session).user.id);
open.onsuccess = () => {
    const tx = open.result.transaction('outbox', 'readwrite');
    tx.objectStore('outbox').add({ state: 'queued', op: { op_id: arguments[1], kind: 'message.send', expect: null,
        booking_id: arguments[0], payload: { text: 'x'.repeat(8001) }, created_at: new Date().toISOString() } });
    tx.oncomplete = done;
};
"""
NOT_DONE = "This device could not do that. Please try again."
MESSAGES = """
const open = indexedDB.open('fieldline:' + JSON.parse(localStorage.session).user.id);
open.onsuccess = () => {
    const asked = open.result.transaction('facts').objectStore('facts').get('held');
    asked.onsuccess = () => done([...asked.result.rows.messages.values()].map(({ message }) => message));
};
"""
LONG_AGO = """
const open = indexedDB.open('fieldline:' + JSON.parse(localStorage.session).user.id);
open.onsuccess = () => {
    const tx = open.result.transaction('outbox', 'readwrite');
    tx.objectStore('outbox').add({ state: 'sent', op: { op_id: arguments[1], kind: 'message.send', expect: null,
        booking_id: arguments[0], payload: { text: 'long ago' }, created_at: '2020-01-01T00:00:00.000Z' } });
    tx.oncomplete = done;
};
"""
NO_STORE = "IDBFactory.prototype.open = () => { const asked = {}; setTimeout(() => asked.onerror()); return asked; };"


def fail_once(browser, what: str) -> None:
    """In this tab: the next `what`, such as "put outbox"."""
    browser.driver.execute_script("window.full = arguments[0]", what)


def has_failed(browser) -> bool:
    return browser.driver.execute_script("return window.full === undefined")


def test_that_what_a_restored_server_forgot_is_offered_again_though_there_was_no_room_at_first(
    browser, desk, server, tmp_path
):
    booking, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.open(server.url + path)
    browser.say("before the backup")
    browser.wait(lambda: browser.states()["before the backup"] == "sent")
    server.command("backup", str(tmp_path / "copy.db"))
    browser.say("after the backup")
    browser.wait(lambda: browser.states()["after the backup"] == "sent")
    server.stop()
    server.command("restore", str(tmp_path / "copy.db"))
    browser.driver.execute_script("localStorage.full = 'put outbox'")
    server.start()
    mine = ["before the backup", "after the backup"]
    browser.wait(lambda: [text for _, text in desk.stored(booking) if text in mine] == mine, 40)
    assert browser.driver.execute_script("return localStorage.full ?? null") is None


def test_that_a_retry_takes_the_refused_lines_place_in_one(browser, desk, server):
    booking, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.seen("composer"))
    browser.run(TOO_LONG, booking, new_id())
    browser.say("And this one is fine")
    browser.wait(lambda: "refused" in browser.states().values())
    browser.driver.execute_script("localStorage.full = 'delete outbox'")
    browser.press("Retry")
    browser.wait(lambda: sorted(browser.run(OUTBOX)) == ["refused", "sent"])
    browser.driver.execute_script("localStorage.removeItem('full')")
    browser.press("Retry")
    browser.wait(lambda: "queued" not in browser.run(OUTBOX))
    assert sorted(browser.run(OUTBOX)) == ["refused", "sent"]


def test_that_buttons_that_could_not_be_had_are_asked_for_again_though_the_socket_lives(browser, desk, server):
    _, path = desk.booking()
    browser.run_first(NO_WORKFLOWS_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.driver.execute_script("return window.failed"))
    browser.wait(lambda: browser.badge() == "PENDING", 15)


def test_that_a_message_that_could_not_be_kept_is_said_beside_the_box_until_the_next_try(browser, desk, server):
    booking, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.seen("composer") and not browser.seen("banner"))
    fail_once(browser, "put outbox")
    browser.find("text").send_keys("only once", Keys.ENTER)
    browser.wait(lambda: browser.said("failure") == NOT_DONE)
    desk.say(booking, "something to draw")
    browser.wait(lambda: "something to draw" in browser.texts())
    assert browser.said("failure") == NOT_DONE
    assert browser.find("text").get_attribute("value") == "only once"
    browser.find("text").send_keys(Keys.ENTER)
    desk.hears(booking, "only once")
    assert browser.said("failure") == ""


def test_that_a_message_kept_but_not_read_back_is_not_asked_for_twice(browser, desk, server):
    booking, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.seen("composer") and not browser.seen("banner"))
    fail_once(browser, "getAll outbox")
    browser.find("text").send_keys("only once", Keys.ENTER)
    browser.wait(lambda: has_failed(browser))
    browser.wait(lambda: browser.texts("mine") or browser.find("text").get_attribute("value"))
    browser.find("text").send_keys(Keys.ENTER)  # as anyone would who finds the words in the box again
    desk.hears(booking, "only once")
    desk.listen(1.0)
    assert desk.texts(booking) == ["only once"]


def test_that_a_status_that_could_not_be_kept_is_said_and_its_reason_need_not_be_typed_again(browser, desk, server):
    booking, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.open(server.url + path)
    browser.press("Cancel")
    reason = "#ask input[name=reason]"
    browser.driver.find_element("css selector", reason).send_keys("Plans changed")
    fail_once(browser, "put outbox")
    browser.press("Yes")
    browser.wait(lambda: browser.said("failure") == NOT_DONE)
    browser.press("Cancel")
    assert browser.driver.find_element("css selector", reason).get_attribute("value") == "Plans changed"
    browser.press("Yes")
    browser.wait(lambda: browser.badge() == "CANCELLED")
    assert browser.said("failure") == ""
    assert [text for kind, text in desk.stored(booking) if "cancelled" in text] == [
        "🚫 Your booking has been cancelled: Plans changed"
    ]


def test_that_a_request_that_could_not_be_kept_is_said_and_made_once_at_the_next_try(browser, desk, server):
    _, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.badge() == "PENDING")
    browser.driver.execute_script("location.hash = 'all'")
    browser.wait(lambda: browser.seen("request"))
    request = browser.find("request")
    request.find_element("name", "message").send_keys("I need a driver")
    fail_once(browser, "put outbox")
    request.find_element("css selector", ".strong").click()
    browser.wait(lambda: browser.said("failure") == NOT_DONE)
    assert request.find_element("name", "message").get_attribute("value") == "I need a driver"
    request.find_element("css selector", ".strong").click()
    browser.wait(lambda: browser.states() == {"I need a driver": "sent"})
    assert browser.run(OUTBOX) == ["sent"]
    assert browser.said("failure") == ""


def test_that_what_failed_is_no_longer_said_to_who_comes_back_later(browser, desk, server):
    _, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.seen("composer") and not browser.seen("banner"))
    fail_once(browser, "put outbox")
    browser.find("text").send_keys("later, then", Keys.ENTER)
    browser.wait(lambda: browser.said("failure") == NOT_DONE)
    browser.find("back").click()
    browser.wait(lambda: browser.seen("request"))
    browser.driver.execute_script("location.hash = ''")
    browser.wait(lambda: browser.seen("composer"))
    assert browser.said("failure") == ""
    assert browser.find("text").get_attribute("value") == "later, then"


def test_that_what_is_offered_on_a_refused_line_and_fails_is_said_and_can_be_tried_again(browser, desk, server):
    booking, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.run_first("navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'))")
    browser.open(server.url + path)
    browser.wait(lambda: browser.seen("composer"))
    browser.run(TOO_LONG, booking, new_id())
    browser.say("And this one is fine")
    browser.wait(lambda: "refused" in browser.states().values())
    browser.press("Copy")
    browser.wait(lambda: browser.said("failure") == NOT_DONE)
    for offer, what in (("Retry", "put outbox"), ("Discard", "delete outbox")):
        fail_once(browser, what)
        browser.press(offer)
        browser.wait(lambda: has_failed(browser) and browser.said("failure") == NOT_DONE)
        assert sorted(browser.run(OUTBOX)) == ["refused", "sent"]
    browser.press("Discard")
    browser.wait(lambda: browser.texts("mine") == ["And this one is fine"])
    assert browser.said("failure") == ""


def test_that_a_page_which_may_keep_nothing_says_so(browser, desk, server):
    _, path = desk.booking()
    browser.run_first(NO_STORE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.said("notice") == NOT_DONE)


def test_that_a_page_that_cannot_clear_away_what_is_old_opens_all_the_same(browser, desk, server):
    booking, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.seen("composer"))
    browser.run(LONG_AGO, booking, new_id())
    browser.driver.execute_script("localStorage.full = 'delete outbox'")
    browser.driver.refresh()
    browser.say("and on it goes")
    desk.hears(booking, "and on it goes")
    assert browser.driver.execute_script("return localStorage.full ?? null") is None


def test_that_a_tab_that_could_not_read_what_another_wrote_shows_it_later(browser, desk, server):
    _, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.seen("composer"))
    first = browser.driver.current_window_handle
    second = browser.further_tab(server.url + "/chat")
    browser.wait(lambda: browser.seen("composer"))
    browser.switch(first)
    fail_once(browser, "getAll outbox")
    browser.switch(second)
    browser.say("from the other tab")
    browser.switch(first)
    browser.wait(lambda: has_failed(browser) and browser.texts("mine") == ["from the other tab"])


@pytest.mark.parametrize("what", ["get facts", "put facts"])
def test_that_rows_that_could_not_be_kept_are_kept_later(browser, desk, server, what):
    booking, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.seen("composer") and not browser.seen("banner"))
    fail_once(browser, what)
    desk.say(booking, "to be kept")
    browser.wait(lambda: has_failed(browser))
    browser.wait(lambda: "to be kept" in browser.texts("theirs") and "to be kept" in browser.run(MESSAGES))


def test_that_buttons_that_could_not_be_kept_are_shown(browser, desk, server):
    _, path = desk.booking()
    browser.run_first(FULL_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.badge() == "PENDING" and not browser.seen("banner"))
    browser.driver.execute_script("localStorage.full = 'put facts'")
    browser.driver.refresh()
    browser.wait(lambda: browser.driver.execute_script("return localStorage.full ?? null") is None)
    browser.wait(lambda: browser.badge() == "PENDING" and not browser.seen("banner"))
