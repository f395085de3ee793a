"""The customer's page in a real Chromium of telephone size, watched from inside for when things appear."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions, ChromeService, Keys
from selenium.webdriver.common.by import By

WIDTH, HEIGHT = 390, 844
_WATCH = """
const now = () => (performance.timeOrigin + performance.now()) / 1000;
const STATES = ['queued', 'sending', 'sent', 'delivered', 'read', 'refused', 'held'];
const seen = (window.fieldlineSeen = { lines: {}, states: {}, badges: [] });
const look = () => {
  for (const line of document.querySelectorAll('#log .line')) {
    const text = line.querySelector('.text').textContent;
    seen.lines[text] ??= now();
    const state = STATES.find((one) => line.classList.contains(one));
    const states = (seen.states[text] ??= []);
    if (state && states.at(-1) !== state) states.push(state);
  }
  const badge = document.getElementById('badge').textContent;
  if (badge && seen.badges.at(-1)?.[0] !== badge) seen.badges.push([badge, now()]);
};
new MutationObserver(() => requestAnimationFrame(look)).observe(document.body,
  { subtree: true, childList: true, characterData: true, attributes: true });
look();
"""


@dataclass(frozen=True)
class PageLine:
    """One line of the page's conversation; `state` only of the customer's own."""

    text: str
    kind: str
    state: str | None


class Page:
    """The open page. Every call blocks; call it from a thread of its own."""

    def __init__(self, browser: Chrome) -> None:
        self._browser = browser

    def open(self, url: str) -> None:
        self._browser.get(url)
        wait_for(lambda: self._browser.find_element(By.ID, "text").is_displayed(), "the page's input")
        self._browser.execute_script(_WATCH)

    def say(self, text: str) -> float:
        """Types and sends; returns the moment of sending, in seconds since 1970."""
        field = self._browser.find_element(By.ID, "text")
        field.send_keys(text)
        sent = time.time()
        field.send_keys(Keys.ENTER)
        return sent

    def lines(self) -> list[PageLine]:
        found = self._browser.execute_script(
            "return [...document.querySelectorAll('#log .line')].map("
            "(line) => [line.querySelector('.text').textContent, [...line.classList]])"
        )
        states = {"queued", "sending", "sent", "delivered", "read", "refused", "held"}
        return [
            PageLine(text, classes[1], next((one for one in classes if one in states), None)) for text, classes in found
        ]

    def badge(self) -> str:
        return str(self._browser.find_element(By.ID, "badge").get_property("textContent"))

    def banner(self) -> str:
        banner = self._browser.find_element(By.ID, "banner-text")
        return banner.text if banner.is_displayed() else ""

    def line_seen_at(self, text: str) -> float | None:
        """When a line was first painted, in seconds since 1970."""
        at = self._browser.execute_script("return window.fieldlineSeen.lines[arguments[0]]", text)
        return None if at is None else float(at)

    def badge_seen_at(self, text: str) -> float | None:
        badges = self._browser.execute_script("return window.fieldlineSeen.badges")
        return next((float(at) for badge, at in badges if badge == text), None)

    def climb(self, text: str) -> list[str]:
        """The states that a line of the customer's has shown, in their order."""
        return list(self._browser.execute_script("return window.fieldlineSeen.states[arguments[0]] ?? []", text))

    def picture(self, path: Path) -> None:
        self._browser.save_screenshot(str(path))


@contextmanager
def chromium() -> Iterator[Page]:
    """A headless Chromium with a page of telephone size; raises RuntimeError where there is none."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        raise RuntimeError("chromium and chromium-driver are needed; scripts/setup.sh --system installs them")
    options = ChromeOptions()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={WIDTH},{HEIGHT}"):
        options.add_argument(argument)
    options.add_experimental_option(
        "mobileEmulation", {"deviceMetrics": {"width": WIDTH, "height": HEIGHT, "pixelRatio": 2.0, "mobile": True}}
    )
    browser = Chrome(options=options, service=ChromeService(driver))
    try:
        yield Page(browser)
    finally:
        browser.quit()


def wait_for(holds: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Returns as soon as `holds` does; raises TimeoutError naming `what` when it never did."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.02)
