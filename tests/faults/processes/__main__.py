"""`python -m tests.faults.processes --kills 1000`: tier 5 at length; prints its counts and notes them for the report.

A story after the other, each of ROUNDS kills on processes of its own, two stories at once. A failure names its seed;
`--seed SEED --kills ROUNDS` tells that story again.
"""

import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import click

from tests.faults.processes.counts import Counts, schedule, unmet
from tests.faults.processes.rig import FORKS, Stuck
from tests.faults.processes.story import Broken, tell
from tests.faults.report import Result, note, now

ROUNDS = 30
"""Of one story. The whole history is checked after each: a longer story would be checked more than told."""


@click.command()
@click.option("--kills", default=1_000, help="Rounded up to whole stories.")
@click.option("--seed", default=1, help="Of the first story.")
@click.option("--stories", "at_once", default=2, help="At once.")
def main(kills: int, seed: int, at_once: int) -> None:
    """Exits 1 where a promise was broken, a process stuck, or a quota of faults not reached."""
    started, began = now(), time.monotonic()
    seeds = range(seed, seed - (-kills // ROUNDS))
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        counts, failed = told(Path(folder), seeds, at_once)
    command = f"python -m tests.faults.processes --kills {len(seeds) * ROUNDS} --seed {seed}"
    seconds, violations = time.monotonic() - began, len(failed)
    note(Result(5, command, started, seconds, counts.operations, counts.faults, counts.rounds, violations, "SQLite"))
    for number, why in sorted(failed.items()):
        print(f"\n--seed {number} --kills {ROUNDS}: {why}")
    short = [] if failed else unmet(counts, [point for number in seeds for point in points_of(number)])
    print(f"armed and not passed in time: {dict(counts.missed)}; short of their quota: {short}")
    sys.exit(bool(failed or short))


def points_of(seed: int) -> list[tuple[str, str]]:
    """The kills of the story of that seed: ROUNDS of them, so that one story after the other visits all points."""
    return schedule(ROUNDS, seed)


def told(folder: Path, seeds: range, at_once: int) -> tuple[Counts, dict[int, str]]:
    """All stories' counts, and what went wrong, by seed."""
    counts, failed = Counts(), dict[int, str]()
    with ProcessPoolExecutor(at_once, FORKS) as pool:
        stories = {pool.submit(tell, folder / f"story-{seed}", seed, points_of(seed)): seed for seed in seeds}
        for story in as_completed(stories):
            try:
                counts.add(story.result())
                print(f"story {stories[story]} told: {counts.rounds} kills so far", flush=True)
            except (Broken, Stuck) as error:
                failed[stories[story]] = str(error)
                print(f"story {stories[story]} FAILED", flush=True)
    return counts, failed


if __name__ == "__main__":
    main()
