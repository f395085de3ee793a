"""One server for the sync door's tests, with a person of each role."""

from collections.abc import Iterator

import pytest

from tests.support.people_made import Standing, address, make_people
from tests.support.running_server import RunningServer, running_server
from tests.support.sync_client import Operator

PEOPLE: dict[str, Standing] = {
    "ann": ("customer", ()),
    "bea": ("customer", ()),
    "cyn": ("customer", ()),
    "dan": ("customer", ()),
    "olga": ("operator", ()),
    "oleg": ("operator", ()),
    "ava": ("agent", ("support",)),
    "abe": ("agent", ("support",)),
    "tom": ("technician", ()),
    "adam": ("admin", ()),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("server")
    make_people(folder, PEOPLE)
    with running_server(folder) as started:
        yield started


@pytest.fixture
def ann(server: RunningServer) -> Iterator[Operator]:
    with Operator(server, address("ann")) as person:
        yield person


@pytest.fixture
def olga(server: RunningServer) -> Iterator[Operator]:
    with Operator(server, address("olga")) as person:
        yield person
