"""Every test here is run on both engines: they promise the same."""

from tests.support.running_postgres import on_both_engines as pytest_generate_tests

__all__ = ["pytest_generate_tests"]
