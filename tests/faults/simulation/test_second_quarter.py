"""The second quarter of the simulation's seeds; seeds_hold.py says what is asserted of each."""

from tests.faults.simulation.seeds_hold import (
    MARKS,
    quarter,
    test_that_every_kind_of_fault_has_struck_often_enough,  # noqa: F401  (asserted here, of this quarter)
    test_that_no_promise_is_broken_whatever_befalls_server_network_and_desks,  # noqa: F401
)

pytestmark = MARKS
tally = quarter(1)
