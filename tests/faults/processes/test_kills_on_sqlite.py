"""Real processes and sockets, a link that breaks, kill -9 at named points: a sample of what `make torture` does.

Each kill is followed by a restart, by quiet, and by a check of the whole history against every invariant.
"""

import pytest

from tests.faults.counted import Counted
from tests.faults.processes.counts import POINTS, schedule, unmet
from tests.faults.processes.story import tell

ROUNDS = 20
SCHEDULE = schedule(2 * ROUNDS, 1)
"""More than there are points: each is passed."""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("seed", "rounds"), [(1, SCHEDULE[:ROUNDS]), (2, SCHEDULE[ROUNDS:])], ids=["one", "other"])
def test_that_a_kill_at_any_point_loses_nothing_doubles_nothing_and_tells_no_lie(
    tmp_path, counted: Counted, seed, rounds
):
    counts = tell(tmp_path / "story", seed, rounds)
    counted(
        operations=counts.operations,
        faults=counts.faults.total(),
        checked=counts.rounds,
        violations=counts.violations,
    )
    assert counts.violations == 0
    assert unmet(counts, rounds) == []


def test_that_a_schedule_visits_every_point_about_equally_often():
    drawn = schedule(len(POINTS) * 3, seed=7)
    assert sorted(drawn) == sorted(POINTS * 3)
    assert drawn != schedule(len(POINTS) * 3, seed=8)
