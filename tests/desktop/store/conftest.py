"""A profile of the store's tests, whose clock goes as they say, and a cache alone."""

import pytest

from desktop.store.cache_worker import open_cache
from tests.support.desk_builders import ANN, fresh_profile


@pytest.fixture
def clock():
    return [1_000_000.0]


@pytest.fixture
def profile(tmp_path, clock):
    opened = fresh_profile(tmp_path, clock=lambda: clock[0])
    yield opened
    opened.close()


@pytest.fixture
def cache(tmp_path):
    writer = open_cache(tmp_path / "cache.db", b"k" * 32)
    writer.own(ANN.user_id, "staff")
    yield writer
    writer.connection.close()
