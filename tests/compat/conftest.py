"""A real server with a customer's booking, and unmodified clients of every version."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from contract.ids import new_id
from tests.compat.app import VERSIONS, App
from tests.support.people_made import Standing, address, make_people
from tests.support.running_server import PASSWORD, RunningServer, running_server

PEOPLE: dict[str, Standing] = {"omar": ("customer", ()), "sara": ("customer", ()), "olga": ("operator", ())}


class Desk:
    """The operator at her desk, and two customers with a booking each."""

    def __init__(self, server: RunningServer, omar: httpx.Client, sara: httpx.Client, olga: httpx.Client) -> None:
        self.server = server
        self.olga = olga
        self._omar = omar
        self.anon_key = server.command("keys").split("anon: ")[1].split()[0]
        self.mine, _ = self.open_booking()
        self.theirs = server.create_booking(sara)

    def open_booking(self) -> tuple[str, str]:
        """A booking of the app's customer: its id and its code."""
        booking = self.server.create_booking(self._omar)
        return booking, self.olga.get(f"/sync/v1/bookings/{booking}").json()["tables"]["bookings"][0]["code"]

    def say(self, booking: str, text: str) -> None:
        self._perform("message.send", booking, text=text)

    def press(self, booking: str, transition: str) -> None:
        self._perform("booking.transition", booking, transition=transition)

    @contextmanager
    def staff_app(self, version: str) -> Iterator[App]:
        """The operator's own app."""
        with App(version, self.server.url, self.anon_key) as app:
            app.sign_in(address("olga"), PASSWORD)
            yield app

    def delivered(self, booking: str) -> int:
        """The position up to which the customer's side has everything."""
        tables = self.olga.get(f"/sync/v1/bookings/{booking}").json()["tables"]
        marks = [row["delivered_position"] for row in tables["receipts"] if row["side"] == "customer"]
        return max(marks, default=0)

    def _perform(self, kind: str, booking: str, **payload: str) -> None:
        operation = {"op_id": new_id(), "kind": kind, "booking_id": booking, "payload": payload}
        answer = self.olga.post("/sync/v1/ops", json={"device_id": "desk", "ops": [operation]}).json()
        assert answer["verdicts"][0]["verdict"] == "applied", answer


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("compat")
    make_people(folder, PEOPLE)
    with (
        running_server(folder) as server,
        server.client(address("omar")) as omar,
        server.client(address("sara")) as sara,
        server.client(address("olga")) as olga,
    ):
        yield Desk(server, omar, sara, olga)


@pytest.fixture(scope="module", params=VERSIONS)
def app(request: pytest.FixtureRequest, desk: Desk) -> Iterator[App]:
    """The customer's app, signed in."""
    with App(request.param, desk.server.url, desk.anon_key) as started:
        started.sign_in(address("omar"), PASSWORD)
        yield started
