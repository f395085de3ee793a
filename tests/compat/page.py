"""An app in a page in Chromium (clients/page.html), served from another origin than the server it talks to."""

from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

from tests.browser.customer import CustomerBrowser, customer_browser

FOLDER = Path(__file__).parent / "clients"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


class Chromium:
    """One browser for all pages of a test run, started with the first of them. Each page is a window of its own, from
    an origin of its own: what one keeps, no other sees."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._browser: CustomerBrowser | None = None
        self._port = 0
        self._numbers = count(1)
        self._in_front = ""

    def window(self) -> tuple[CustomerBrowser, str, str]:
        """The browser, a new window's handle, and the address of the page in it."""
        if self._browser is None:
            self._port = self._serve()
            self._browser = self._open.enter_context(customer_browser())
        address = f"http://page{next(self._numbers)}.localhost:{self._port}/page.html"
        self._browser.driver.switch_to.new_window("window")
        self._in_front = str(self._browser.driver.current_window_handle)
        return self._browser, self._in_front, address

    def turn_to(self, window: str) -> None:
        """The window that the next command goes to; to say so each time would take a third of each command."""
        if self._browser is not None and self._in_front != window:
            self._browser.switch(window)
            self._in_front = window

    def close(self, window: str) -> None:
        self.turn_to(window)
        if self._browser is not None:
            self._browser.driver.close()
            self.turn_to(self._browser.driver.window_handles[0])

    def quit(self) -> None:
        self._open.close()
        self._browser = None

    def _serve(self) -> int:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(FOLDER)))
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self._open.callback(thread.join)
        self._open.callback(server.server_close)
        self._open.callback(server.shutdown)
        return int(server.server_address[1])


CHROMIUM = Chromium()


class Page:
    """A program (tests/compat/program.py) that is a page. `beside`: the same page once more, as in a second tab."""

    def __init__(self, beside: "Page | None" = None) -> None:
        self.browser, self._window, own = CHROMIUM.window()
        self._address: str = beside._address if beside else own
        self.reload()

    def ask(self, call: dict[str, Any]) -> dict[str, Any]:
        CHROMIUM.turn_to(self._window)
        answer: dict[str, Any] = self.browser.run("window.ask(arguments[0]).then(done)", call)
        return answer

    def run(self, script: str) -> Any:
        """What the promise of this expression gives."""
        CHROMIUM.turn_to(self._window)
        return self.browser.run(f"({script}).then(done)")

    def begin(self, script: str) -> None:
        """Runs it and waits for nothing."""
        CHROMIUM.turn_to(self._window)
        self.browser.driver.execute_script(script)

    def reload(self) -> None:
        """As with F5: what the page kept in the browser is there, all else is gone."""
        CHROMIUM.turn_to(self._window)
        self.browser.open(self._address)
        self.browser.wait(lambda: self.browser.driver.execute_script("return !!window.ask"), what="the page loaded")

    def close(self) -> None:
        CHROMIUM.close(self._window)
