"""A world of server, link and people for those files whose tests share one."""

from collections.abc import Iterator

import pytest

from tests.support.small_world import World, world


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def booking(found: World) -> str:
    """A pending one of this test's own."""
    return found.server.create_booking(found.customer)
