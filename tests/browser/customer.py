"""A customer's own Chromium with the page in it, and what a person sees and does there."""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from selenium.webdriver import Chrome, ChromeOptions, ChromeService, Keys
from selenium.webdriver.common.by import By

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars"
)
_LINES = """
return [...document.querySelectorAll('#log .line')].map((line) => [
    line.classList[1], line.querySelector('.text').textContent, line.querySelector('i').textContent, line.classList[2] ?? '',
]);
"""
_BUTTON = "return [...document.querySelectorAll('button')].find((one) => one.checkVisibility() && one.innerText === arguments[0])"


class Line(NamedTuple):
    """One line of the conversation as the page shows it. `words` says how far a line of the customer's has come."""

    kind: str
    text: str
    words: str
    state: str


class CustomerBrowser:
    """`tabs` share one profile, as a person's tabs do."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver
        self._first = driver.current_window_handle
        self._run_first: list[str] = []
        self._uncaught: list[str] = []

    def open(self, url: str) -> None:
        self.driver.get(url)

    def new_tab(self, url: str) -> str:
        """Opens a further tab and goes to it; returns its handle."""
        self.driver.switch_to.new_window("tab")
        self.driver.get(url)
        return str(self.driver.current_window_handle)

    def further_tab(self, url: str) -> str:
        """Opens a tab from the page itself, so that both share a process and see what the other stores at once."""
        before = set(self.driver.window_handles)
        self.driver.execute_script("window.open(arguments[0])", url)
        self.wait(lambda: set(self.driver.window_handles) - before)
        (handle,) = set(self.driver.window_handles) - before
        self.switch(handle)
        return handle

    def switch(self, handle: str) -> None:
        self.driver.switch_to.window(handle)

    def say(self, text: str) -> None:
        """Types into the box and presses Enter, once the box is there."""
        self.wait(lambda: self.seen("composer"))
        self.find("text").send_keys(text, Keys.ENTER)
        self.wait(lambda: text in self.texts())

    def find(self, id_: str) -> Any:
        return self.driver.find_element(By.ID, id_)

    def seen(self, id_: str) -> bool:
        return bool(self.driver.execute_script("return document.getElementById(arguments[0])?.checkVisibility()", id_))

    def said(self, id_: str) -> str:
        """The visible text of an element; empty when it is hidden."""
        return self.driver.execute_script("return document.getElementById(arguments[0])?.innerText", id_) or ""

    def press(self, words: str) -> None:
        """Presses the button with these words, once there is one to be seen."""

        def found() -> Any:
            return self.driver.execute_script(_BUTTON, words)

        self.wait(found, what=f"a button {words}")
        found().click()

    def lines(self) -> list[Line]:
        return [Line(*found) for found in self.driver.execute_script(_LINES)]

    def texts(self, kind: str | None = None) -> list[str]:
        return [line.text for line in self.lines() if kind in (None, line.kind)]

    def states(self) -> dict[str, str]:
        """By text, of the customer's own lines."""
        return {line.text: line.state for line in self.lines() if line.kind == "mine"}

    def badge(self) -> str:
        return self.said("badge")

    def run(self, script: str, *arguments: Any) -> Any:
        """Runs an asynchronous script: `done` is what it calls with its result."""
        return self.driver.execute_async_script(f"const done = arguments[arguments.length - 1];{script}", *arguments)

    def wait(self, holds: Any, seconds: float = 20.0, what: str = "") -> float:
        """Looks until `holds()` is true; returns how many seconds that took."""
        begun = time.monotonic()
        while not holds():
            if time.monotonic() - begun > seconds:
                raise AssertionError(f"still not so after {seconds} s {what}\n{self.lines()}\n{self.complaints()}")
            time.sleep(min(0.01 + (time.monotonic() - begun) / 40, 0.1))  # what asks the server is rationed
        return time.monotonic() - begun

    def run_first(self, script: str) -> None:
        """From now on runs a script in every page of this tab before the page's own."""
        added = self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        self._run_first.append(added["identifier"])

    def resize(self, width: int, height: int = 780) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 700}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def dark(self, on: bool = True) -> None:
        features = [{"name": "prefers-color-scheme", "value": "dark" if on else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def begin_anew(self, origin: str) -> None:
        """Another person's: no tab but the first, which alone has the window's focus, unsized and uncoloured, with no
        past, and nothing kept of `origin`."""
        for handle in self.driver.window_handles:
            if handle != self._first:
                self.switch(handle)
                self.driver.close()
        self.switch(self._first)
        for script in self._run_first:
            self.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": script})
        self._run_first.clear()
        self.open("about:blank")
        for command in (
            "Page.resetNavigationHistory",
            "Emulation.clearDeviceMetricsOverride",
            "Network.clearBrowserCache",
        ):
            self.driver.execute_cdp_cmd(command, {})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self.uncaught()

    def uncaught(self) -> list[str]:
        """The errors and the rejected promises that nobody in the page caught since last asked: there should be none."""
        self.complaints()
        uncaught, self._uncaught = self._uncaught, []
        return uncaught

    def complaints(self) -> list[str]:
        """What the browser's console has said at level SEVERE since last asked, lost connections left out."""
        said = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        self._uncaught += [one for one in said if "Uncaught" in one]
        return [one for one in said if "net::ERR_" not in one and "WebSocket connection" not in one]


@contextlib.contextmanager
def customer_browser(lang: str = "en-GB") -> Iterator[CustomerBrowser]:
    """A browser with a fresh profile until the end of the block."""
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.add_experimental_option("prefs", {"intl.accept_languages": lang})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*FLAGS.split(), f"--user-data-dir={profile}", f"--lang={lang}", "--window-size=390,780"):
            options.add_argument(flag)
        driver = Chrome(options=options, service=ChromeService("/usr/bin/chromedriver"))
        try:
            driver.set_script_timeout(20)
            yield CustomerBrowser(driver)
        finally:
            driver.quit()


def picture(browser: CustomerBrowser, folder: Path, name: str) -> Path:
    """A screenshot, for people to look at."""
    path = folder / f"{name}.png"
    browser.driver.save_screenshot(str(path))
    return path
