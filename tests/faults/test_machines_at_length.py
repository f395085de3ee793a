"""What `python -m tests.faults.machines` makes of the reports of its tests."""

from typing import Any, Literal

from _pytest.reports import TestReport

from tests.faults.machines.__main__ import came_to, wanted
from tests.faults.tally import FAULTS, PROPERTY, Tally

FEED = "tests/faults/machines/test_feed_machine.py::test_that[sqlite]"
LATTICE = "tests/faults/machines/test_receipts_lattice.py::test_that"
BY_CHANCE = "tests/faults/window/test_random_histories.py::test_that[{}]"


def tally(examples: int = 0, **faults: int) -> Tally:
    made = Tally()
    made.did(operations=3)
    made.took(steps=50)
    for fault, times in faults.items():
        made.struck(fault, times)
    for _ in range(examples):
        made.ended()
    return made


def report(
    nodeid: str, found: Tally, outcome: Literal["passed", "failed"] = "passed", when: Any = "call"
) -> TestReport:
    properties: list[tuple[str, object]] = [(PROPERTY, found.counts), (FAULTS, found.faults)]
    return TestReport(nodeid, ("", 0, ""), {}, outcome, None, when, user_properties=properties, duration=1.5)


def test_that_the_tests_of_a_part_are_added_up_and_a_failure_is_told_with_what_was_done_until_then() -> None:
    reports = [
        report(BY_CHANCE.format(0), tally(50, theirs=4, lost=0)),
        report(BY_CHANCE.format(50), tally(7, theirs=1, late=2), "failed"),
        report(LATTICE, tally(500)),
        report(FEED, tally(500, crashed=9)),
        report(FEED, tally(500, crashed=9), "failed", when="teardown"),
    ]
    feed, lattice, window = came_to(reports, "as typed", "2026-11-22T06:00:00+00:00")
    assert (feed.tier, feed.part, feed.checked, feed.violations, feed.seconds) == (2, "feed, SQLite", 500, 1, 3.0)
    assert (feed.operations, feed.steps, feed.faults) == (3, 50, {"crashed": 9})
    assert (lattice.tier, lattice.part, lattice.checked, lattice.violations) == (2, "receipts lattice", 500, 0)
    assert (window.tier, window.part, window.checked, window.violations) == (8, "random histories", 57, 1)
    assert (window.operations, window.steps, window.faults) == (6, 100, {"theirs": 5, "late": 2})


def test_that_each_machine_owes_its_examples_and_the_window_its_histories() -> None:
    assert [wanted(part, 500, 7_500) for part in ("outbox", "random histories", "scripted histories")] == [
        500,
        7_500,
        1,
    ]
