"""The same with PostgreSQL under the server, and PostgreSQL killed: a file of its own, for another core."""

import pytest

from tests.faults.counted import Counted
from tests.faults.processes.counts import DATABASE_POINTS, schedule, unmet
from tests.faults.processes.databases import POSTGRESQL
from tests.faults.processes.story import tell


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_a_kill_of_the_database_at_any_point_loses_nothing_doubles_nothing_and_tells_no_lie(
    tmp_path, counted: Counted
):
    rounds = schedule(2 * len(DATABASE_POINTS), 3, DATABASE_POINTS)
    counts = tell(tmp_path / "story", 3, rounds, POSTGRESQL)
    counted(
        operations=counts.operations,
        faults=counts.faults.total(),
        checked=counts.rounds,
        violations=counts.violations,
    )
    assert counts.violations == 0
    assert unmet(counts, rounds) == []
