"""Many seeds on all workers: counts as they come, the result in the table of all tiers, failures by seed."""

import time

from tests.faults.report import Result, note, now
from tests.faults.simulation.quotas import missed
from tests.faults.simulation.workers import Tally, run_seeds, told_of

_AGAIN = "python -m tests.faults.simulation"
SHRUNK = 3
"""Failures that are made smaller, of all."""
ROUND = 1_000
"""Seeds a worker is given at a time: each begins with seconds of importing and signing in."""


def torture(first: int, seeds: int, workers: int, minutes: float, part: str = "") -> bool:
    """Whether every promise was kept and every fault struck often enough. No new round begins after `minutes`; the
    result says how many seeds were run. `part`: its row's name where one stretch of seeds follows another."""
    started, began = now(), time.perf_counter()
    tally = Tally()
    shrunk = 0
    for start in range(first, first + seeds, ROUND * workers):
        found = run_seeds(start, min(ROUND * workers, first + seeds - start), workers=workers)
        tally.merge(found)
        if found.violations:
            print(told_of(found.violations, max(0, SHRUNK - shrunk)), flush=True)
            shrunk += len(found.violations)
        passed = time.perf_counter() - began
        print(
            f"{tally.runs} seeds, {tally.operations} operations, {len(tally.violations)} bad, {passed:.0f} s",
            flush=True,
        )
        if passed > minutes * 60:
            break
    short = missed(tally.runs, tally.hits)
    if short:
        print(f"struck too seldom, so nothing is proven: {short}")
        return False
    command = f"{_AGAIN} --first {first} --seeds {tally.runs} --workers {workers}"
    seconds = time.perf_counter() - began
    faults = dict(tally.hits)
    note(Result(3, command, started, seconds, tally.operations, faults, tally.runs, len(tally.violations), part))
    return not tally.violations
