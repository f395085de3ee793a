"""Real processes and sockets, a link that breaks, kill -9 at named points: a sample of what `make torture` does.

Each kill is followed by a restart, by quiet, and by a check of the whole history against every invariant.
"""

import pytest

from tests.faults.processes.counts import DATABASE_POINTS, POINTS, schedule, unmet
from tests.faults.processes.databases import POSTGRESQL, SQLITE
from tests.faults.processes.story import tell

ROUNDS = 20
HALVES = schedule(2 * ROUNDS, 1)
STORIES = {
    1: (SQLITE, HALVES[:ROUNDS]),
    2: (SQLITE, HALVES[ROUNDS:]),
    3: (POSTGRESQL, schedule(ROUNDS, 3, DATABASE_POINTS)),
}
"""By seed. The first two pass every point of client and server; in the third, PostgreSQL itself is killed."""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", STORIES)
def test_that_a_kill_at_any_point_loses_nothing_doubles_nothing_and_tells_no_lie(tmp_path, seed):
    engine, rounds = STORIES[seed]
    counts = tell(tmp_path / "story", seed, rounds, engine)
    print(
        f"{counts.rounds} rounds, {counts.operations} operations, {dict(counts.faults)}, missed {dict(counts.missed)}"
    )
    assert counts.violations == 0
    assert unmet(counts, rounds) == []


def test_that_a_schedule_visits_every_point_about_equally_often():
    drawn = schedule(len(POINTS) * 3, seed=7)
    assert sorted(drawn) == sorted(POINTS * 3)
    assert drawn != schedule(len(POINTS) * 3, seed=8)
