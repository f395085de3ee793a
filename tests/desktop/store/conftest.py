"""A profile of the store's tests, whose clock goes as they say."""

import pytest

from tests.support.desk_builders import fresh_profile


@pytest.fixture
def clock():
    return [1_000_000.0]


@pytest.fixture
def profile(tmp_path, clock):
    opened = fresh_profile(tmp_path, clock=lambda: clock[0])
    yield opened
    opened.close()
