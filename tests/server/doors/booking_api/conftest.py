"""The desk that all tests of the seeds' REST share: they make their own bookings on it."""

from collections.abc import Iterator

import pytest

from tests.server.doors.booking_api.rest_desk import PEOPLE, Desk
from tests.support.people_made import make_people
from tests.support.running_server import running_server


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("rest")
    ids = make_people(folder, PEOPLE)
    with running_server(folder) as server:
        made = Desk(server, ids)
        try:
            yield made
        finally:
            made.close()
