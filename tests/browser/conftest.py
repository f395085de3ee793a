"""A running server, a desk that answers, and a customer's browser, for every test of the page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.customer import CustomerBrowser, customer_browser
from tests.browser.desk import Desk
from tests.support.running_server import RunningServer, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server")) as running:
        running.add_user("lina@desk.test", "operator", "Lina")
        running.add_user("omar@home.test", "customer", "Omar")
        yield running


@pytest.fixture(scope="session")
def session(server: RunningServer) -> dict[str, Any]:
    """Lina's: one for all tests, for signing in is rationed."""
    return server.sign_in("lina@desk.test")


@pytest.fixture
def desk(server: RunningServer, session: dict[str, Any]) -> Iterator[Desk]:
    with Desk(server, session) as one:
        yield one


@pytest.fixture(scope="session")
def chromium() -> Iterator[CustomerBrowser]:
    """The program, which takes a second to start: one for all tests."""
    with customer_browser() as one:
        yield one


@pytest.fixture
def browser(chromium: CustomerBrowser, server: RunningServer) -> Iterator[CustomerBrowser]:
    """As if nobody had used it before. Fails the test whose page leaves an error or a rejected promise to nobody."""
    chromium.begin_anew(server.url)
    yield chromium
    assert chromium.uncaught() == []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return tmp_path
