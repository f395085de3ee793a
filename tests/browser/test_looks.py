"""How the page looks: on phones, in the dark, in Arabic; and that it can be used without a mouse."""

from pathlib import Path

import pytest
from PIL import Image
from selenium.webdriver import Keys

from tests.browser.customer import CustomerBrowser, picture
from tests.browser.desk import Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def talk(browser: CustomerBrowser, desk: Desk, server) -> CustomerBrowser:
    """A conversation with a bit of everything."""
    booking, link = desk.booking()
    browser.resize(390)
    browser.open(server.url + link)
    browser.say("Hello, when will they be here? We are at the Corniche, second gate after the roundabout.")
    desk.hears(booking, "Hello, when will they be here? We are at the Corniche, second gate after the roundabout.")
    desk.press(booking, "accept")
    desk.say(booking, "Good afternoon Omar, checking now.")
    desk.say(booking, "سيصل الفريق خلال عشر دقائق إن شاء الله")
    browser.say("شكرًا جزيلًا! 🙏")
    desk.hears(booking, "شكرًا جزيلًا! 🙏")
    desk.read(booking)
    browser.wait(lambda: set(browser.states().values()) == {"read"})
    browser.say("Averylongwordwithoutanyplacetobreakit" * 4)
    browser.wait(lambda: "sent" in browser.states().values())
    return browser


@pytest.mark.parametrize("width", [320, 360, 420, 1200])
def test_that_nothing_sticks_out_sideways_at_any_width(talk: CustomerBrowser, width: int):
    talk.resize(width)
    for lang in ("en", "ar"):
        wide = talk.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], lang
        out = talk.driver.execute_script(
            "return [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right"
            " > innerWidth + 1).map((one) => one.outerHTML.slice(0, 80))"
        )
        assert out == [], lang
        talk.find("lang").click()


def test_that_arabic_turns_the_page_around_and_every_line_keeps_its_own_direction(talk, pictures: Path):
    talk.find("lang").click()
    assert talk.driver.execute_script("return [document.dir, document.documentElement.lang]") == ["rtl", "ar"]
    assert talk.badge() == "مقبول"
    assert any(text.startswith("✅ قَبِل فريقنا حجزك") for text in talk.texts("system"))
    directions = talk.driver.execute_script(
        "return [...document.querySelectorAll('.mine .text, .theirs .text')].map((one) => getComputedStyle(one).direction)"
    )
    assert directions == ["ltr", "ltr", "rtl", "rtl", "ltr"]
    assert [line.words for line in talk.lines() if line.kind == "mine"] == ["شوهدت", "شوهدت", "أُرسلت"]
    assert drawn(picture(talk, pictures, "arabic"))
    talk.driver.refresh()
    talk.wait(lambda: talk.driver.execute_script("return document.dir") == "rtl")


def brightness(path: Path) -> int:
    """Of a whole picture, 0 to 255."""
    return Image.open(path).convert("L").resize((1, 1)).tobytes()[0]


def test_that_dark_is_dark_and_light_is_light(talk, pictures: Path):
    light = brightness(picture(talk, pictures, "light"))
    talk.dark()
    dark = brightness(picture(talk, pictures, "dark"))
    assert light > 200
    assert dark < 60


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_that_every_text_stands_out_from_its_ground(talk, dark: bool):
    talk.dark(dark)
    for words, ratio in talk.driver.execute_script(CONTRAST):
        assert ratio >= 4.5, words


CONTRAST = """
const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data]; };
const light = ([r, g, b]) => { const part = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
const ground = (node) => { for (; node; node = node.parentElement) { const colour = rgba(getComputedStyle(node).backgroundColor);
    if (colour[3] > 250) return colour; } return [255, 255, 255]; };
return [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() && one.children.length === 0 && one.innerText?.trim())
    .map((one) => { const a = light(rgba(getComputedStyle(one).color)), b = light(ground(one));
        return [one.innerText, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; });
"""


def test_that_typing_does_not_make_a_telephone_zoom_in(talk):
    sizes = talk.driver.execute_script(
        "return [...document.querySelectorAll('input, select, textarea')].map((one) => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 16


def test_that_it_can_all_be_done_by_keyboard_with_the_focus_to_be_seen(talk):
    talk.driver.execute_script("document.activeElement.blur()")
    reached = []
    for _ in range(12):
        talk.driver.switch_to.active_element.send_keys(Keys.TAB)
        name, outline = talk.driver.execute_script(
            "const one = document.activeElement; return [one.id || one.textContent, getComputedStyle(one).outlineStyle]"
        )
        reached.append(name)
        assert (
            outline != "none"
            or name == ""
            or talk.driver.execute_script("return document.activeElement === document.body")
        )
    assert {"lang", "log", "text", "Send", "Cancel"} <= set(reached)


def test_that_news_is_read_aloud_once_and_ticks_are_not(talk, desk):
    talk.driver.execute_script(
        "window.added = []; new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach((node) => added.push(node.textContent))))"
        ".observe(document.getElementById('log'), { childList: true })"
    )
    desk.listen(0.3)
    [booking] = desk.messages
    desk.read(booking)
    talk.wait(lambda: set(talk.states().values()) == {"read"})
    desk.say(booking, "One more thing")
    talk.wait(lambda: "One more thing" in talk.texts())
    [added] = talk.driver.execute_script("return added")
    assert "One more thing" in added


def test_that_older_messages_come_when_asked_for_and_the_view_stays_where_it_was(browser, desk, server):
    booking, link = desk.booking()
    for number in range(240):
        desk.say(booking, f"number {number}")
    browser.resize(390)
    browser.open(server.url + link)
    browser.wait(lambda: "number 239" in browser.texts())
    assert "number 0" not in browser.texts()
    browser.driver.execute_script("document.getElementById('log').scrollTop = 0")
    browser.press("Show earlier messages")
    browser.wait(lambda: "number 0" in browser.texts())
    assert browser.texts("theirs") == [f"number {number}" for number in range(240)]
    assert not browser.seen("earlier")


def test_that_the_reader_of_older_lines_is_not_torn_away_by_new_ones(browser, desk, server):
    booking, link = desk.booking()
    for number in range(60):
        desk.say(booking, f"number {number}")
    browser.resize(390)
    browser.open(server.url + link)
    browser.wait(lambda: "number 59" in browser.texts())
    where = "return [document.getElementById('log').scrollTop, document.getElementById('log').scrollHeight]"
    assert browser.driver.execute_script(where)[0] > 1_000
    browser.driver.execute_script("document.getElementById('log').scrollTop = 300")
    desk.say(booking, "news")
    browser.wait(lambda: "news" in browser.texts())
    assert browser.driver.execute_script(where)[0] == 300
    browser.say("mine goes to the end")
    browser.wait(lambda: browser.driver.execute_script(where)[0] > 1_000)


def drawn(path: Path) -> bool:
    """Whether there is more than one colour in the picture."""
    colours = Image.open(path).convert("RGB").getcolors(1_000_000)
    return colours is None or len(colours) > 20
