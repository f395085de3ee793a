"""Who gets in, to what, and what the address gives away."""

import pytest
import sqlcipher3

from tests.browser.customer import CustomerBrowser, customer_browser
from tests.browser.desk import Desk
from tests.support.running_server import PASSWORD

pytestmark = pytest.mark.browser

SPOIL = "localStorage.session = JSON.stringify({ ...JSON.parse(localStorage.session), ...arguments[0] })"
REFRESHES = (
    "return performance.getEntriesByType('resource').filter(({ name }) => name.includes('=refresh_token')).length"
)


def sign_in(browser: CustomerBrowser, url: str, email: str = "omar@home.test", password: str = PASSWORD) -> None:
    browser.open(f"{url}/chat#all")
    browser.wait(lambda: browser.seen("sign-in"))
    form = browser.find("sign-in")
    form.find_element("name", "email").send_keys(email)
    form.find_element("name", "password").send_keys(password)
    form.find_element("tag name", "button").click()


def test_that_the_links_secret_is_gone_from_address_and_history(browser: CustomerBrowser, desk: Desk, server):
    _, link = desk.booking()
    browser.open(server.url + link)
    browser.wait(lambda: browser.seen("composer"))
    assert browser.driver.current_url == f"{server.url}/chat"
    secret = link.removeprefix("/c/")
    kept = browser.driver.execute_script(
        "return JSON.stringify([localStorage, sessionStorage, history.state, document.cookie])"
    )
    assert secret not in kept
    browser.driver.back()
    assert link not in browser.driver.current_url


def test_that_a_forged_link_opens_nothing(browser, server):
    browser.open(f"{server.url}/c/not-a-real-token")
    browser.wait(lambda: browser.said("notice") == "This link is not valid any more. Ask us for a new one.")
    assert browser.seen("sign-in")
    assert not browser.seen("chat")
    assert browser.driver.current_url == f"{server.url}/chat"


def test_that_another_customers_booking_is_refused_and_shows_nothing_of_itself(browser, desk, server):
    other, _ = desk.booking()
    desk.say(other, "a secret")
    code = desk.http.get(f"/sync/v1/bookings/{other}").json()["tables"]["bookings"][0]["code"]
    _, link = desk.booking()
    browser.open(server.url + link)
    browser.wait(lambda: browser.seen("composer"))
    for foreign in (other, code):
        browser.driver.execute_script("location.hash = arguments[0]", foreign)
        browser.wait(lambda: browser.said("notice") == "There is no such booking of yours.")
        assert not browser.seen("chat")
    everything = browser.driver.execute_script("return document.body.textContent")
    assert "a secret" not in everything
    assert code not in everything


def test_that_the_desk_is_never_told_of_strangers_and_strangers_never_of_the_desk(desk, server):
    mine, link = desk.booking()
    with customer_browser() as one, customer_browser() as other:
        one.open(server.url + link)
        other.open(server.url + desk.booking()[1])
        other.wait(lambda: other.seen("composer"))
        one.say("for the desk only")
        desk.hears(mine, "for the desk only")
        desk.say(mine, "for one customer only")
        one.wait(lambda: "for one customer only" in one.texts())
        assert other.texts("mine") == other.texts("theirs") == []
        assert one.uncaught() == other.uncaught() == []


def test_that_a_customer_signs_in_asks_for_something_new_and_finds_it_in_the_list(browser, desk, server):
    sign_in(browser, server.url)
    options = "return [...document.querySelectorAll('#workflow option')].map((one) => one.value)"
    browser.wait(
        lambda: browser.driver.execute_script(options) == ["chat", "dental", "protection", "support", "techcare"]
    )
    browser.driver.execute_script("document.getElementById('workflow').value = 'support'")
    browser.find("request").find_element("name", "message").send_keys("My first message")
    browser.find("request").find_element("tag name", "button").click()
    browser.wait(lambda: browser.badge() == "WAITING" and browser.states() == {"My first message": "sent"})
    assert browser.texts("system") == ["👋 Welcome! Your chat has started. An agent will be with you shortly."]
    code = browser.said("code")
    assert code.startswith("SUP")
    browser.find("back").click()
    browser.wait(lambda: code in browser.said("bookings"))
    browser.find("sign-out").click()
    browser.wait(lambda: browser.seen("sign-in"))
    assert browser.driver.execute_script("return localStorage.session") == "null"


def test_that_a_wrong_password_is_said_and_nothing_more(browser, server):
    sign_in(browser, server.url, password="guess")
    browser.wait(lambda: browser.said("notice") == "Email or password is wrong.")
    assert browser.seen("sign-in")


def test_that_staff_are_sent_to_the_desktop(browser, server):
    sign_in(browser, server.url, "lina@desk.test")
    browser.wait(lambda: browser.said("notice") == "This page is for customers.")
    browser.wait(lambda: browser.driver.execute_script("return localStorage.session") == "null")


def test_that_two_tabs_with_a_stale_token_ask_for_a_new_one_once(browser, desk, server):
    booking, link = desk.booking()
    asked = refreshes_of_two_stale_tabs(browser, server.url, link, browser.further_tab)
    assert asked == 1
    browser.say("still here")
    desk.hears(booking, "still here")


def test_that_tabs_of_separate_processes_both_go_on_with_a_stale_token(browser, desk, server):
    """One may read the stored token before the other's write has reached its process; the server bears with that."""
    booking, link = desk.booking()
    assert refreshes_of_two_stale_tabs(browser, server.url, link, browser.new_tab) in (1, 2)
    for tab in browser.driver.window_handles[:2]:
        browser.switch(tab)
        browser.say(f"still here: {tab}")
        desk.hears(booking, f"still here: {tab}")


def refreshes_of_two_stale_tabs(browser, url, link, new_tab):
    browser.open(url + link)
    browser.wait(lambda: browser.seen("composer"))
    first = browser.driver.current_window_handle
    second = new_tab(url + "/chat")
    browser.wait(lambda: browser.seen("composer"))
    browser.driver.execute_script(SPOIL, {"expires_at": 1})
    for tab in (first, second):
        browser.switch(tab)
        browser.driver.execute_script("new BroadcastChannel('again').onmessage = () => location.reload()")
    browser.new_tab(f"{url}/metrics")
    browser.driver.execute_script("new BroadcastChannel('again').postMessage('')")
    asked = 0
    for tab in (first, second):
        browser.switch(tab)
        browser.wait(lambda: browser.seen("composer") and not browser.seen("banner"))
        asked += browser.driver.execute_script(REFRESHES)
    return asked


def test_that_a_session_that_ended_says_so_and_keeps_what_was_written(browser, desk, server):
    booking, link = desk.booking()
    browser.open(server.url + link)
    browser.wait(lambda: browser.seen("composer"))
    browser.driver.execute_script(SPOIL, {"expires_at": 1, "refresh_token": "used up"})
    browser.driver.refresh()
    browser.wait(lambda: browser.said("notice") == "Please sign in, or open your link again. Nothing is lost.")
    browser.open(server.url + link)
    browser.say("back again")
    desk.hears(booking, "back again")


def test_that_a_booking_given_away_disappears_and_one_given_appears_at_once(browser, desk, server):
    """Whose it is changes at a SQL prompt, as an import or a correction would do it."""
    mine, link = desk.booking()
    other, _ = desk.booking()
    desk.say(other, "told before it was yours")
    browser.open(server.url + link)
    browser.wait(lambda: browser.seen("composer"))
    rows = {one: desk.http.get(f"/sync/v1/bookings/{one}").json()["tables"]["bookings"][0] for one in (mine, other)}
    with sqlcipher3.connect(str(next(server.data_dir.glob("*.db")))) as database:
        change = "UPDATE bookings SET customer_id = ? WHERE id = ?"
        database.execute(change, (rows[mine]["customer_id"], other))
        database.execute(change, (rows[other]["customer_id"], mine))
    database.close()
    browser.wait(lambda: browser.said("code") == rows[other]["code"] and "told before it was yours" in browser.texts())
    browser.driver.execute_script("location.hash = arguments[0]", rows[mine]["code"])
    browser.wait(lambda: browser.said("notice") == "There is no such booking of yours.")
