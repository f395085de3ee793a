"""The real client and the real server, simulated: no seed loses, doubles, reorders or claims anything falsely.

A failure prints its seed. `python -m tests.faults.simulation --first SEED --seeds 1 --lines` tells its history, and
with `--shrink` looks for the fewest events that still fail.
"""

import pytest

from tests.faults.simulation.seeds_hold import HALF, assert_every_fault_struck, assert_no_promise_is_broken
from tests.faults.simulation.workers import Tally, run_seeds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]


@pytest.fixture(scope="module")
def tally() -> Tally:
    return run_seeds(0, HALF)


def test_that_no_promise_is_broken_whatever_befalls_server_network_and_desks(tally):
    assert tally.runs == HALF
    assert_no_promise_is_broken(tally)


def test_that_every_kind_of_fault_has_struck_often_enough(tally):
    assert_every_fault_struck(tally)


def test_that_a_seed_has_the_same_history_in_another_process(tally):
    again = run_seeds(41, 2)
    assert again.digests == {seed: tally.digests[seed] for seed in (41, 42)}
    assert again.digests[41] != again.digests[42]
