"""Prints, at the end of any run of tests, what the tiers of faults came to in it: one line for each that took part.

A test that tells stories hands its counts over by the fixture `counted`; they travel with its report, so that it does
not matter which worker it ran in. Tiers whose tests are single cases are told of as tests.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import pytest

from tests.faults.report import TIERS, tier_of
from tests.faults.tally import FAULTS, PROPERTY, Tally

_KINDS = ("operations", "faults", "steps", "checked", "violations")


class Counted(Protocol):
    """`checked`: histories, seeds, disks or mutants that were looked at in full."""

    def __call__(self, *, operations: int = 0, faults: int = 0, checked: int = 0, violations: int = 0) -> None: ...


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Counted:
    """To be called before anything is asserted, or after everything was."""

    def hand_over(**counts: int) -> None:
        record_property(PROPERTY, counts)

    return hand_over


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Tally:
    """The same for tests that count as they go: their report holds what had been counted when they ended."""
    made = Tally()
    record_property(PROPERTY, made.counts)
    record_property(FAULTS, made.faults)
    return made


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
