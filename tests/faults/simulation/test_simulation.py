"""The real client and the real server, simulated: no seed loses, doubles, reorders or claims anything falsely.

A failure prints its seed. `python -m tests.faults.simulation --seeds SEED --lines` tells its history, and with
`--shrink` looks for the fewest events that still fail.
"""

import pytest

from tests.faults.simulation.quotas import missed
from tests.faults.simulation.workers import Tally, run_seeds

SEEDS = 400


@pytest.fixture(scope="module")
def tally() -> Tally:
    return run_seeds(0, SEEDS)


@pytest.mark.timeout(1_200)
@pytest.mark.slow
def test_that_no_promise_is_broken_whatever_befalls_server_network_and_desks(tally):
    told = [f"seed {seed}: {found}" for seed, found in list(tally.violations.items())[:5]]
    assert not tally.violations, "again: python -m tests.faults.simulation --seeds SEED --shrink\n" + "\n".join(told)
    assert tally.runs == SEEDS
    assert tally.operations > 5 * SEEDS


@pytest.mark.timeout(1_200)
def test_that_every_kind_of_fault_has_struck_often_enough(tally):
    assert not missed(tally.runs, tally.hits), "struck too seldom: (hits, wanted)"


@pytest.mark.timeout(1_200)
def test_that_a_seed_has_the_same_history_in_another_process(tally):
    again = run_seeds(41, 43)
    assert again.digests == {seed: tally.digests[seed] for seed in (41, 42)}
    assert again.digests[41] != again.digests[42]
