"""A real server with a customer's booking, unmodified clients of every kind, and a note of what each was seen to do."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
import sqlcipher3

from contract.actors import Actor
from contract.ids import new_id
from server.access.signing_key import SigningKey
from server.access.tokens import TokenIssuer
from tests.compat.app import App, NoSuchCall
from tests.compat.clients_tried import CLIENTS, IN_CHROMIUM
from tests.compat.matrix import LACKS, WORKS, note
from tests.compat.page import CHROMIUM
from tests.support.people_made import Standing, address, make_people
from tests.support.running_server import PASSWORD, RunningServer, running_server

PEOPLE: dict[str, Standing] = {
    "omar": ("customer", ()),
    "sara": ("customer", ()),
    "olga": ("operator", ()),
    "tom": ("technician", ()),
    **{f"spare-{at}": ("customer", ()) for at in range(len(CLIENTS))},
}
SETTINGS = {
    "FIELDLINE_RATE_SIGN_IN": "600/minute",
    "FIELDLINE_RATE_SIGN_UP": "600/minute",
    "FIELDLINE_SIGN_UP": "true",
    "FIELDLINE_ANONYMOUS": "true",
}


class Desk:
    """The operator at her desk, and two customers with a booking each."""

    def __init__(
        self, server: RunningServer, ids: dict[str, str], omar: httpx.Client, sara: httpx.Client, olga: httpx.Client
    ) -> None:
        self.server = server
        self.ids = ids
        self.olga = olga
        self._omar = omar
        self.anon_key = TokenIssuer(SigningKey.at(server.data_dir)).anon_key()
        self.mine, _ = self.open_booking()
        self.theirs = server.create_booking(sara)

    def open_booking(self, workflow: str = "protection") -> tuple[str, str]:
        """A booking of the app's customer: its id and its code."""
        booking = self.server.create_booking(self._omar, workflow)
        return booking, self.olga.get(f"/sync/v1/bookings/{booking}").json()["tables"]["bookings"][0]["code"]

    def spare(self, client: str) -> str:
        """The address of somebody whom no other client's test knows; their password is PASSWORD at first."""
        return address(f"spare-{CLIENTS.index(client)}")

    def verify(self, name: str) -> None:
        """A technician, who may bid from then on."""
        whose = {"id": f"eq.{self.ids[name]}"}
        assert self.olga.patch("/rest/v1/technicians", params=whose, json={"is_verified": True}).status_code == 204

    def bid(self, name: str, booking: str) -> None:
        """120, as that technician."""
        with self.server.client(address(name)) as technician:
            answer = technician.post("/rest/v1/bids", json={"booking_id": booking, "amount": 120})
        assert answer.status_code == 201, answer.text

    def say(self, booking: str, text: str) -> str:
        """The message's id."""
        return self._perform("message.send", booking, text=text)

    def delete_by_hand(self, message: str) -> None:
        """At a SQL prompt: our own doors delete no row."""
        database = sqlcipher3.connect(str(self.server.data_dir / "fieldline.db"))
        with database:
            database.execute("DELETE FROM messages WHERE id = ?", [message])
        database.close()

    def press(self, booking: str, transition: str) -> None:
        self._perform("booking.transition", booking, transition=transition)

    @contextmanager
    def apps(self, clients: Sequence[str]) -> Iterator[list[App]]:
        """One on each of these clients, for tests of all at once."""
        with ExitStack() as closing:
            yield [closing.enter_context(App(client, self.server.url, self.anon_key)) for client in clients]

    @contextmanager
    def staff_app(self, client: str) -> Iterator[App]:
        """The operator's own app, which need not be in a browser."""
        with App(client.removeprefix(IN_CHROMIUM), self.server.url, self.anon_key) as app:
            app.sign_in(address("olga"), PASSWORD)
            yield app

    def bad_token(self, made: Literal["forged", "expired"], elsewhere: Path) -> str:
        """The customer's, but signed with a key of somebody's own, or an hour past its end."""
        key = SigningKey.at(elsewhere if made == "forged" else self.server.data_dir)
        issuer = TokenIssuer(key, clock=lambda: time.time() - (7_200 if made == "expired" else 0))
        return issuer.issue(Actor(self.ids["omar"], "customer", "omar"), address("omar"), new_id())[0]

    def delivered(self, booking: str) -> int:
        """The position up to which the customer's side has everything."""
        tables = self.olga.get(f"/sync/v1/bookings/{booking}").json()["tables"]
        marks = [row["delivered_position"] for row in tables["receipts"] if row["side"] == "customer"]
        return max(marks, default=0)

    def _perform(self, kind: str, booking: str, **payload: str) -> str:
        op_id = new_id()
        operation = {"op_id": op_id, "kind": kind, "booking_id": booking, "payload": payload}
        answer = self.olga.post("/sync/v1/ops", json={"device_id": "desk", "ops": [operation]}).json()
        assert answer["verdicts"][0]["verdict"] == "applied", answer
        return op_id


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test that a client lacks the call for has seen just that."""
    try:
        yield
        answer = WORKS
    except NoSuchCall:
        answer = LACKS
    for mark in item.iter_markers("feature"):
        callspec: Any = getattr(item, "callspec", None)
        for client in mark.kwargs.get("clients") or [callspec.params.get("app") or callspec.params["page"]]:
            note(item, mark.args[0], client, mark.kwargs.get("answer", answer) if answer == WORKS else answer)


@pytest.fixture(scope="session", autouse=True)
def chromium() -> Iterator[None]:
    """Started by the first page, gone at the end."""
    yield
    CHROMIUM.quit()


@contextmanager
def running_desk(folder: Path, env: Mapping[str, str]) -> Iterator[Desk]:
    """`env`: settings besides those that all need here."""
    ids = make_people(folder, PEOPLE)
    with (
        running_server(folder, env={**SETTINGS, **env}) as server,
        server.client(address("omar")) as omar,
        server.client(address("sara")) as sara,
        server.client(address("olga")) as olga,
    ):
        yield Desk(server, ids, omar, sara, olga)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One for all files that a worker gets; some tests restart its server."""
    with running_desk(tmp_path_factory.mktemp("compat"), {}) as running:
        yield running


def signed_in(apps: Sequence[App], name: str) -> Sequence[App]:
    """Each a fresh start in its program, as that person."""
    for app in apps:
        app.open()
        app.sign_in(address(name), PASSWORD)
    return apps


@pytest.fixture(scope="module", params=CLIENTS)
def app(request: pytest.FixtureRequest, desk: Desk) -> Iterator[App]:
    """The customer's app, signed in."""
    with App(request.param, desk.server.url, desk.anon_key) as started:
        started.sign_in(address("omar"), PASSWORD)
        yield started


@pytest.fixture(scope="module")
def other_process(app: App, desk: Desk) -> Iterator[App]:
    with App(app.client, desk.server.url, desk.anon_key) as started:
        yield started


@pytest.fixture
def stranger(other_process: App) -> App:
    """Another app on the same client, not signed in."""
    other_process.open()
    return other_process
