"""What is asserted of a stretch of seeds; two test files take a half each, so that two workers share them."""

from tests.faults.simulation.quotas import missed
from tests.faults.simulation.workers import Tally

HALF = 200
"""Seeds of each half in `make test`."""
LEAST_OPERATIONS = 5
"""Operations of a seed on average, at the least: a run in which nothing is done proves nothing."""


def assert_no_promise_is_broken(tally: Tally) -> None:
    told = [f"seed {seed}: {found}" for seed, found in list(tally.violations.items())[:5]]
    again = "again: python -m tests.faults.simulation --first SEED --seeds 1 --shrink"
    assert not tally.violations, "\n".join([again, *told])
    assert tally.operations >= LEAST_OPERATIONS * tally.runs


def assert_every_fault_struck(tally: Tally) -> None:
    assert not missed(tally.runs, tally.hits), "struck too seldom: (hits, wanted)"
