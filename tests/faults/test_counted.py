"""What a run of tests came to is told by tier, whichever worker each test ran in."""

from typing import Any

from _pytest.reports import TestReport

from tests.faults.counted import told
from tests.faults.tally import PROPERTY


def report(nodeid: str, when: Any = "call", **counts: int) -> TestReport:
    """As a worker hands it over."""
    properties = [(PROPERTY, counts)] if counts else []
    made = TestReport(nodeid, ("", 0, ""), {}, "passed", None, when, user_properties=properties)
    return TestReport._from_json(made._to_json())


def test_that_the_counts_of_a_tier_are_added_up_and_others_are_left_alone() -> None:
    reports = [
        report("tests/faults/processes/test_a.py::test_b[one]", operations=1_200, faults=3, checked=20, violations=0),
        report("tests/faults/processes/test_a.py::test_b[other]", operations=34, faults=1, checked=20, violations=1),
        report("tests/faults/processes/test_a.py::test_b[other]", "teardown", operations=34, checked=20),
        report("tests/faults/tables/test_c.py::test_d"),
        report("tests/faults/test_report.py::test_e"),
        report("tests/desktop/window/test_f.py::test_g"),
    ]
    assert list(told(reports)) == [
        "1 state tables: 1 tests",
        "5 real processes, kill -9: 2 tests, 1,234 operations, 4 faults, 40 checked, 1 violations",
    ]


def test_that_a_run_without_any_tier_tells_nothing() -> None:
    assert list(told([report("tests/desktop/test_f.py::test_g")])) == []
