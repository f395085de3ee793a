"""`python -m tests.faults.simulation --seeds 500`: runs seeds and tells what came of them, one JSON object a line.

`--schedule FILE` runs one schedule, such as a failure made smaller by `--shrink`. Exit code 1: something was violated.
"""

from tests.faults.simulation import computer  # noqa: F401, I001  first of all: the programs must find its clocks

import os
import sys
from typing import TextIO

import click
import msgspec

from tests.faults.simulation.runs import Runs
from tests.faults.simulation.schedule import Schedule, schedule_of
from tests.faults.simulation.torture import torture


@click.command()
@click.option("--seeds", default=50, help="How many.")
@click.option("--first", default=0, help="The first of them.")
@click.option("--workers", default=0, help="So many processes: torture, whose result goes into the table of all tiers.")
@click.option("--minutes", default=600.0, help="Of torture: no new round of seeds begins after so many.")
@click.option("--part", default="", help="Of torture: what this stretch of seeds is called beside others in the table.")
@click.option("--schedule", "file", type=click.File(), help="A schedule as JSON, instead of seeds.")
@click.option("--shrink", is_flag=True, help="Makes each failure smaller and prints its schedule.")
@click.option("--lines", is_flag=True, help="Prints the history of each run.")
def main(
    seeds: int, first: int, workers: int, minutes: float, part: str, file: TextIO | None, *, shrink: bool, lines: bool
) -> None:
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(
            sys.executable,
            [sys.executable, "-m", __package__ or "", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    if workers:
        sys.exit(not torture(first, seeds, workers, minutes, part))
    failed = False
    with Runs() as runs:
        schedules = (
            [msgspec.json.decode(file.read(), type=Schedule)] if file else map(schedule_of, range(first, first + seeds))
        )
        for schedule in schedules:
            found = runs.run_schedule(schedule)
            print(msgspec.json.encode(found).decode(), flush=True)
            if lines:
                print("\n".join(runs.lines))
            if found.violations:
                failed = True
                print(f"again: python -m tests.faults.simulation --first {found.seed} --seeds 1", file=sys.stderr)
                if shrink:
                    print(msgspec.json.encode(runs.shrink(schedule)).decode(), flush=True)
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
