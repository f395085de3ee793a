"""What is asserted of a quarter of the seeds of `make test`; four files take one each, so that workers share them.

A failure prints its seed; the first one's, made smaller, with its history. `python -m tests.faults.simulation --first
SEED --seeds 1 --shrink` does the same for any other.
"""

from collections.abc import Callable

import pytest

from tests.faults.counted import Counted
from tests.faults.simulation.quotas import QUARTER, missed
from tests.faults.simulation.workers import Tally, run_seeds, told_of

LEAST_OPERATIONS = 5
"""Operations of a seed on average, at the least: a run in which nothing is done proves nothing."""
MARKS = [pytest.mark.slow, pytest.mark.timeout(1_800)]


def quarter(number: int) -> Callable[[], Tally]:
    """A fixture: what came of the seeds of that quarter, 0 to 3."""

    def tally() -> Tally:
        return run_seeds(number * QUARTER, QUARTER)

    return pytest.fixture(scope="module", name="tally")(tally)


def test_that_no_promise_is_broken_whatever_befalls_server_network_and_desks(tally: Tally, counted: Counted) -> None:
    faults, bad = sum(tally.hits.values()), len(tally.violations)
    counted(operations=tally.operations, faults=faults, checked=tally.runs, violations=bad)
    assert not tally.violations, told_of(tally.violations)
    assert tally.runs == QUARTER
    assert tally.operations >= LEAST_OPERATIONS * tally.runs


def test_that_every_kind_of_fault_has_struck_often_enough(tally: Tally) -> None:
    assert not missed(tally.runs, tally.hits), "struck too seldom: (hits, wanted)"
