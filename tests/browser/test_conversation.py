"""The customer's page and the desk, talking: words, buttons, ticks, typing and tabs."""

import pytest

from contract.ids import new_id
from tests.browser.customer import CustomerBrowser
from tests.browser.desk import Desk

pytestmark = pytest.mark.browser

ACCEPTED = "✅ Your booking has been accepted by our team"


def test_that_what_one_side_writes_is_on_the_other_within_a_second(browser: CustomerBrowser, desk: Desk, server):
    booking, link = desk.booking()
    browser.open(server.url + link)
    browser.say("Hello from client")
    assert desk.hears(booking, "Hello from client") < 1.0
    desk.say(booking, "Hello from operator")
    assert browser.wait(lambda: "Hello from operator" in browser.texts("theirs")) < 1.0
    assert browser.texts().count("Hello from client") == 1
    assert browser.complaints() == []


def test_that_a_pressed_status_shows_as_badge_and_as_one_line_within_two_seconds(browser, desk, server):
    booking, link = desk.booking()
    browser.open(server.url + link)
    browser.wait(lambda: browser.badge() == "PENDING")
    desk.press(booking, "accept")
    assert (
        browser.wait(lambda: browser.badge() == "ACCEPTED" and any(ACCEPTED in text for text in browser.texts())) < 2.0
    )
    assert len([text for text in browser.texts("system") if text.startswith(ACCEPTED)]) == 1
    done = browser.driver.execute_script(
        "return [...document.querySelectorAll('#steps .done')].map((one) => one.innerText)"
    )
    assert done == ["Pending", "Accepted"]


def test_that_ticks_climb_on_the_desks_word_and_never_by_themselves(browser, desk, server):
    booking, link = desk.booking()
    browser.open(server.url + link)
    browser.say("Is anyone there?")
    browser.wait(lambda: browser.states() == {"Is anyone there?": "sent"})
    desk.hears(booking, "Is anyone there?")
    assert browser.states() == {"Is anyone there?": "sent"}
    desk.confirm()
    browser.wait(lambda: browser.states() == {"Is anyone there?": "delivered"})
    desk.read(booking)
    browser.wait(lambda: browser.states() == {"Is anyone there?": "read"})
    assert [line.words for line in browser.lines() if line.kind == "mine"] == ["seen"]


def test_that_the_desks_message_counts_as_read_only_after_a_second_in_front(browser, desk, server):
    booking, link = desk.booking()
    browser.open(server.url + link)
    browser.wait(lambda: browser.seen("composer"))
    conversation = browser.driver.current_window_handle
    browser.new_tab("about:blank")
    desk.say(booking, "Are you there?")
    desk.listen(4.5)
    written, marks = marks_of_customer(desk, booking)
    assert marks["delivered_position"] >= written > marks["read_position"]
    browser.switch(conversation)
    assert browser.wait(lambda: marks_of_customer(desk, booking)[1]["read_position"] >= written) > 0.9


def marks_of_customer(desk: Desk, booking: str):
    """The position of the newest message, and how far the customer has the conversation."""
    tables = desk.http.get(f"/sync/v1/bookings/{booking}").json()["tables"]
    [marks] = [one for one in tables["receipts"] if one["side"] == "customer"]
    return max(row["position"] for row in tables["messages"]), marks


def test_that_each_side_sees_the_other_typing_and_stopping(browser, desk, server):
    booking, link = desk.booking()
    browser.open(server.url + link)
    browser.wait(lambda: browser.seen("composer"))
    desk.type(booking, True)
    browser.wait(lambda: browser.said("typing") == "Lina is typing…")
    desk.type(booking, False)
    browser.wait(lambda: browser.said("typing") == "")
    browser.find("text").send_keys("W")
    assert typing_seen(desk) is True
    browser.find("text").send_keys("\b")
    assert typing_seen(desk) is False


KEEP_AN_EAR = """
const Real = WebSocket;
window.WebSocket = class extends Real {
    set onmessage(heard) {
        super.onmessage = heard;
        window.tell = (...frame) => heard({ data: JSON.stringify(frame) });
    }
};
"""


def test_that_whoever_is_not_among_those_told_anew_is_there_no_more(browser, desk, server):
    """The server does so to a reader that fell behind, which a telephone in a tunnel is."""
    booking, link = desk.booking()
    browser.run_first(KEEP_AN_EAR)
    browser.open(server.url + link)
    browser.wait(lambda: browser.seen("composer"))
    desk.type(booking, True)
    browser.wait(lambda: browser.said("typing") == "Lina is typing…")
    browser.driver.execute_script("tell(null, null, arguments[0], 'presence_state', {})", f"typing:{booking}")
    browser.wait(lambda: browser.said("typing") == "")


def typing_seen(desk: Desk) -> bool:
    """What the next news of the customer's presence says."""
    while True:
        joins = desk.socket.next("presence_diff").payload["joins"]
        for meta in (meta for person in joins.values() for meta in person["metas"]):
            if meta["side"] == "customer":
                return meta["typing"]


def test_that_two_tabs_stay_in_step(browser, desk, server):
    booking, link = desk.booking()
    browser.open(server.url + link)
    browser.wait(lambda: browser.seen("composer"))
    first = browser.driver.current_window_handle
    second = browser.new_tab(server.url + "/chat")
    browser.say("From the second tab")
    browser.switch(first)
    browser.wait(lambda: browser.texts("mine") == ["From the second tab"], 1.0)
    browser.say("From the first tab")
    desk.say(booking, "To both")
    both = ["From the second tab", "From the first tab"]
    for tab in (second, first):
        browser.switch(tab)
        browser.wait(lambda: browser.texts("theirs") == ["To both"], 1.0)
        browser.wait(lambda: browser.texts("mine") == both)
    desk.hears(booking, "From the first tab")
    assert desk.texts(booking) == both


def test_that_a_removed_message_leaves_its_place_and_not_its_words(browser, desk, server):
    booking, link = desk.booking()
    browser.open(server.url + link)
    browser.say("Forget this")
    desk.hears(booking, "Forget this")
    message = next(row["id"] for row in desk.messages[booking] if row["message"] == "Forget this")
    token = browser.driver.execute_script("return JSON.parse(localStorage.session).access_token")
    operation = {"op_id": new_id(), "kind": "message.remove", "booking_id": booking, "payload": {"message_id": message}}
    answer = desk.http.post(
        "/sync/v1/ops", json={"device_id": "d", "ops": [operation]}, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.json()["verdicts"][0]["verdict"] == "applied"
    browser.wait(lambda: browser.texts("mine") == ["Message removed"])


def test_that_the_customer_cancels_with_a_reason_after_being_asked(browser, desk, server):
    booking, link = desk.booking()
    browser.open(server.url + link)
    browser.wait(lambda: browser.seen("composer"))
    browser.press("Cancel")
    browser.press("No")
    assert browser.badge() == "PENDING"
    browser.press("Cancel")
    browser.driver.find_element("css selector", "#ask input[name=reason]").send_keys("Plans changed")
    browser.press("Yes")
    browser.wait(lambda: browser.badge() == "CANCELLED")
    browser.wait(lambda: "🚫 Your booking has been cancelled: Plans changed" in browser.texts("system"))
    assert browser.said("ended").startswith("This conversation has ended.")
    assert not browser.seen("composer")
    assert desk.http.get(f"/sync/v1/bookings/{booking}").json()["tables"]["bookings"][0]["status"] == "cancelled"


def test_that_a_refused_message_says_why_and_can_be_discarded(browser, desk, server):
    booking, link = desk.booking()
    browser.open(server.url + link)
    browser.wait(lambda: browser.seen("composer"))
    browser.run(
        "const open = indexedDB.open('fieldline:' + JSON.parse(localStorage.session).user.id);"
        "open.onsuccess = () => { const tx = open.result.transaction('outbox', 'readwrite');"
        "tx.objectStore('outbox').add({ state: 'queued', op: { op_id: arguments[1], kind: 'message.send', booking_id: arguments[0],"
        "payload: { text: 'x'.repeat(8001) }, expect: null, created_at: new Date().toISOString() } }); tx.oncomplete = done; }",
        booking,
        new_id(),
    )
    browser.say("And this one is fine")
    browser.wait(lambda: "refused" in browser.states().values())
    [refused] = [line for line in browser.lines() if line.state == "refused"]
    assert refused.words.startswith("Not sent: The text is longer than 8,000 characters")
    browser.wait(lambda: browser.states()["And this one is fine"] == "sent")
    browser.press("Discard")
    browser.wait(lambda: browser.texts("mine") == ["And this one is fine"])
