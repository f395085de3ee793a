"""`python -m tests.faults.machines`: tiers 2 and 8 at length; prints their counts and notes them for the report.

A failure tells the fewest steps that still fail, and a line to put over the test that repeats them.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

import click
import pytest

from tests.faults.machines.length import AT_LENGTH
from tests.faults.report import Result, note, now, tier_of
from tests.faults.tally import FAULTS, PROPERTY

FOLDERS = ("tests/faults/machines", "tests/faults/window")
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Reports:
    """A plugin of pytest's that keeps what each test came to."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call" or report.failed:
            self.kept.append(report)


@click.command()
@click.option("--examples", default=AT_LENGTH.examples, help="Of each machine.")
@click.option("--steps", default=AT_LENGTH.steps, help="Of each example.")
@click.option("--histories", default=AT_LENGTH.histories, help="Told to the window, made by chance.")
def main(examples: int, steps: int, histories: int) -> None:
    """Exits 1 where something was violated, less was tried than was asked for, or a fault never struck."""
    AT_LENGTH.examples, AT_LENGTH.steps, AT_LENGTH.histories = examples, steps, histories
    command = f"python -m tests.faults.machines --examples {examples} --steps {steps} --histories {histories}"
    started, reports = now(), Reports()
    code = pytest.main(["-q", "--hypothesis-profile=torture", *FOLDERS], plugins=[reports])
    results = list(came_to(reports.kept, command, started))
    for result in results:
        note(result)
    short = [one.part for one in results if one.checked < wanted(one.part, examples, histories)]
    if short:
        print(f"Fewer than were asked for: {', '.join(short)}")
    missed = [f"{one.part}: {fault}" for one in results for fault, times in sorted(one.faults.items()) if not times]
    if missed:
        print(f"Never struck, so nothing is proven: {', '.join(missed)}")
    sys.exit(bool(code or short or missed))


def wanted(part: str, examples: int, histories: int) -> int:
    """How many of it were asked for. Those written by hand are as many as they are."""
    return {"random histories": histories, "scripted histories": 1}.get(part, examples)


def came_to(reports: Iterable[Any], command: str, started: str) -> Iterator[Result]:
    """A result for each machine, and for each kind of histories."""
    of_part = defaultdict[tuple[int, str], list[Any]](list)
    for report in reports:
        of_part[tier_of(report.nodeid) or 0, part_of(report.nodeid)].append(report)
    for (tier, part), found in sorted(of_part.items(), key=lambda item: item[0]):
        counts, faults = Counter[str](), Counter[str]()
        for name, values in (each for report in found if report.when == "call" for each in report.user_properties):
            if name in {PROPERTY, FAULTS}:
                (counts if name == PROPERTY else faults).update(values)
        seconds, violations = sum(report.duration for report in found), sum(report.failed for report in found)
        yield Result(
            tier, command, started, seconds, counts["operations"], dict(faults), counts["checked"], violations, part,
            counts["steps"],
        )  # fmt: skip


def part_of(nodeid: str) -> str:
    """What the file's name and the engine say."""
    file, _, test = nodeid.partition("::")
    name = PurePosixPath(file).stem.removeprefix("test_").removesuffix("_machine").replace("_", " ")
    engine = next((told for engine, told in ENGINES.items() if f"[{engine}]" in test), None)
    return name if engine is None else f"{name}, {engine}"


if __name__ == "__main__":
    main()
