"""The real client and the real server, simulated: no seed loses, doubles, reorders or claims anything falsely.

The first quarter of the seeds; seeds_hold.py says what is asserted of each.
"""

from tests.faults.simulation.seeds_hold import (
    MARKS,
    quarter,
    test_that_every_kind_of_fault_has_struck_often_enough,  # noqa: F401  (asserted here, of this quarter)
    test_that_no_promise_is_broken_whatever_befalls_server_network_and_desks,  # noqa: F401
)
from tests.faults.simulation.workers import Tally, run_seeds

pytestmark = MARKS
tally = quarter(0)


def test_that_a_seed_has_the_same_history_in_another_process(tally: Tally) -> None:
    again = run_seeds(41, 2)
    assert again.digests == {seed: tally.digests[seed] for seed in (41, 42)}
    assert again.digests[41] != again.digests[42]
