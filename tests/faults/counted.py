"""Prints, at the end of any run of tests, what the tiers of faults came to in it: one line for each that took part.

A test that tells stories hands its counts over by the fixture `counted`; they travel with its report, so that it does
not matter which worker it ran in. Tiers whose tests are single cases are told of as tests.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any, Protocol

import pytest

from tests.faults.report import TIERS

PROPERTY = "counted"
FOLDERS = {
    "tables": 1, "machines": 2, "simulation": 3, "mutants": 4, "processes": 5, "many_servers": 6, "torn_writes": 7,
    "window": 8,
}  # fmt: skip
_KINDS = ("operations", "faults", "checked", "violations")


class Counted(Protocol):
    """`checked`: histories, seeds, disks or mutants that were looked at in full."""

    def __call__(self, *, operations: int = 0, faults: int = 0, checked: int = 0, violations: int = 0) -> None: ...


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Counted:
    """To be called before anything is asserted, or after everything was."""

    def hand_over(**counts: int) -> None:
        record_property(PROPERTY, counts)

    return hand_over


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [report for found in terminalreporter.stats.values() for report in found if hasattr(report, "nodeid")]
    lines = list(told(reports))
    if lines:
        terminalreporter.section("faults")
        for line in lines:
            terminalreporter.line(line)


def told(reports: Iterable[Any]) -> Iterator[str]:
    """A line for each tier that one of these test reports is of, by tier."""
    tests, counts = Counter[int](), Counter[tuple[int, str]]()
    for report in reports:
        tier = tier_of(report.nodeid)
        if tier is None or getattr(report, "when", "") != "call":
            continue
        tests[tier] += 1
        for name, values in report.user_properties:
            if name == PROPERTY:
                counts.update({(tier, kind): count for kind, count in values.items()})
    for tier in sorted(tests):
        found = [f"{counts[tier, kind]:,} {kind}" for kind in _KINDS if (tier, kind) in counts]
        yield f"{tier} {TIERS[tier]}: {', '.join([f'{tests[tier]} tests', *found])}"


def tier_of(nodeid: str) -> int | None:
    parts = PurePosixPath(nodeid.partition("::")[0]).parts
    return FOLDERS.get(parts[2]) if parts[:2] == ("tests", "faults") and len(parts) > 3 else None
