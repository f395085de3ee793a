"""A telephone without room, or a page closed in the middle: what was acknowledged, asked or opened is neither lost nor
doubled by it."""

import pytest

from contract.ids import new_id

pytestmark = pytest.mark.browser

NO_ROOM_ONCE = """
for (const name of ["put", "delete"]) {
    const work = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (...given) {
        if (localStorage.full !== name || this.name !== "outbox") return work.apply(this, given);
        localStorage.removeItem("full");
        throw new DOMException("no room", "QuotaExceededError");
    };
}
"""
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


def test_that_what_a_restored_server_forgot_is_offered_again_though_there_was_no_room_at_first(
    browser, desk, server, tmp_path
):
    booking, path = desk.booking()
    browser.run_first(NO_ROOM_ONCE)
    browser.open(server.url + path)
    browser.say("before the backup")
    browser.wait(lambda: browser.states()["before the backup"] == "sent")
    server.command("backup", str(tmp_path / "copy.db"))
    browser.say("after the backup")
    browser.wait(lambda: browser.states()["after the backup"] == "sent")
    server.stop()
    server.command("restore", str(tmp_path / "copy.db"))
    browser.driver.execute_script("localStorage.full = 'put'")
    server.start()
    mine = ["before the backup", "after the backup"]
    browser.wait(lambda: [text for _, text in desk.stored(booking) if text in mine] == mine, 40)
    assert browser.driver.execute_script("return localStorage.full ?? null") is None


def test_that_a_retry_takes_the_refused_lines_place_in_one(browser, desk, server):
    booking, path = desk.booking()
    browser.run_first(NO_ROOM_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.seen("composer"))
    browser.run(TOO_LONG, booking, new_id())
    browser.say("And this one is fine")
    browser.wait(lambda: "refused" in browser.states().values())
    browser.driver.execute_script("localStorage.full = 'delete'")
    browser.press("Retry")
    browser.wait(lambda: sorted(browser.run(OUTBOX)) == ["refused", "sent"])
    browser.driver.execute_script("localStorage.removeItem('full')")
    browser.press("Retry")
    browser.wait(lambda: "queued" not in browser.run(OUTBOX))
    assert sorted(browser.run(OUTBOX)) == ["refused", "sent"]
    browser.complaints()


def test_that_buttons_that_could_not_be_had_are_asked_for_again_though_the_socket_lives(browser, desk, server):
    _, path = desk.booking()
    browser.run_first(NO_WORKFLOWS_ONCE)
    browser.open(server.url + path)
    browser.wait(lambda: browser.driver.execute_script("return window.failed"))
    browser.wait(lambda: browser.badge() == "PENDING", 15)
