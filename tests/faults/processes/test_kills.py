"""Real processes and sockets, a link that breaks, kill -9 at named points: a sample of what `make torture` does.

Each kill is followed by a restart, by quiet, and by a check of the whole history against every invariant.
"""

import pytest

from tests.faults.processes.counts import POINTS, schedule, unmet
from tests.faults.processes.story import tell

ROUNDS = 30


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2])
def test_that_a_kill_at_any_point_loses_nothing_doubles_nothing_and_tells_no_lie(tmp_path, seed):
    # The second half begins where the first one ends, so that every point is passed at least twice.
    rounds = schedule(2 * ROUNDS, 1)[ROUNDS * (seed - 1) : ROUNDS * seed]
    counts = tell(tmp_path / "story", seed, rounds)
    print(
        f"{counts.rounds} rounds, {counts.operations} operations, {dict(counts.faults)}, missed {dict(counts.missed)}"
    )
    assert counts.violations == 0
    assert unmet(counts, rounds) == []


def test_that_a_schedule_visits_every_point_about_equally_often():
    drawn = schedule(len(POINTS) * 3, seed=7)
    assert sorted(drawn) == sorted(POINTS * 3)
    assert drawn != schedule(len(POINTS) * 3, seed=8)
