"""`python -m tests.faults.processes --kills 1000`: tier 5 at length; prints its counts and notes them for the report.

A story after the other, each of ROUNDS kills on processes of its own, two stories at once. A failure names its seed;
`--seed SEED --kills ROUNDS` tells that story again.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import click

from tests.faults.processes.counts import DATABASE_POINTS, POINTS, Counts, Point, schedule, unmet
from tests.faults.processes.databases import POSTGRESQL, SQLITE
from tests.faults.processes.rig import Stuck
from tests.faults.processes.story import Broken, tell
from tests.faults.report import Result, note, now
from tests.support.server_process import FORKS

ENGINES = (SQLITE, POSTGRESQL)
ROUNDS = 27
"""Of one story. The whole history is checked after each: a longer story would be checked more than told."""


@click.command()
@click.option("--kills", default=1_000, help="Of each engine; rounded up to whole stories.")
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), default=ENGINES, show_default=True)
@click.option("--seed", default=1, help="Of the first story.")
@click.option("--stories", "at_once", default=2, help="At once.")
def main(kills: int, engines: Sequence[str], seed: int, at_once: int) -> None:
    """Exits 1 where a promise was broken, a process stuck, or a quota of faults not reached."""
    seeds = range(seed, seed - (-kills // ROUNDS))
    outcomes = [proven(engine, seeds, at_once) for engine in engines]
    sys.exit(not all(outcomes))


def proven(engine: str, seeds: range, at_once: int) -> bool:
    """Whether all stories on that engine ended well and met their quotas; prints and notes what they came to."""
    started, began = now(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        counts, failed = told(Path(folder), engine, seeds, at_once)
    command = f"python -m tests.faults.processes --engine {engine} --kills {len(seeds) * ROUNDS} --seed {seeds[0]}"
    seconds, violations = time.monotonic() - began, len(failed)
    for number, why in sorted(failed.items()):
        print(f"\n--engine {engine} --kills {ROUNDS} --seed {number}: {why}")
    short = [] if failed else unmet(counts, [point for number in seeds for point in points_of(engine, number)])
    print(f"armed and not passed in time: {dict(counts.missed)}; short of their quota: {short}")
    if not short:
        note(Result(5, command, started, seconds, counts.operations, counts.faults, counts.rounds, violations, engine))
    return not failed and not short


def points_of(engine: str, seed: int) -> list[Point]:
    """The kills of the story of that seed: ROUNDS of all the points there are, another choice for each seed."""
    points = (*POINTS, *DATABASE_POINTS) if engine == POSTGRESQL else POINTS
    return schedule(len(points), seed, points)[:ROUNDS]


def told(folder: Path, engine: str, seeds: range, at_once: int) -> tuple[Counts, dict[int, str]]:
    """All stories' counts, and what went wrong, by seed."""
    counts, failed = Counts(), dict[int, str]()
    with ProcessPoolExecutor(at_once, FORKS) as pool:
        stories = {
            pool.submit(tell, folder / f"story-{seed}", seed, points_of(engine, seed), engine): seed for seed in seeds
        }
        for story in as_completed(stories):
            try:
                counts.add(story.result())
                print(f"{engine}: {counts.rounds} kills so far", flush=True)
            except (Broken, Stuck) as error:
                failed[stories[story]] = str(error)
                print(f"{engine}: the story of seed {stories[story]} FAILED", flush=True)
    return counts, failed


if __name__ == "__main__":
    main()
