"""Every test here is run on both engines: they promise the same."""

import pytest

from tests.support.running_postgres import on_both_engines as pytest_generate_tests

__all__ = ["pytest_generate_tests"]


@pytest.fixture(autouse=True)
def stands_on(engine: str) -> str:
    """Asked for by every test, since pytest makes no fixture that none asks for, whatever it is parametrized with."""
    return engine
