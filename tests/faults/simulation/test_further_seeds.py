"""The second half of the simulation's seeds, for the second worker; test_first_seeds.py says what it is about."""

import pytest

from tests.faults.simulation.seeds_hold import HALF, assert_every_fault_struck, assert_no_promise_is_broken
from tests.faults.simulation.workers import Tally, run_seeds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]


@pytest.fixture(scope="module")
def tally() -> Tally:
    return run_seeds(HALF, HALF)


def test_that_no_promise_is_broken_whatever_befalls_server_network_and_desks(tally):
    assert tally.runs == HALF
    assert_no_promise_is_broken(tally)


def test_that_every_kind_of_fault_has_struck_often_enough(tally):
    assert_every_fault_struck(tally)
