"""`python -m tests.faults.simulation --seeds 500`: runs seeds and tells what came of them, one JSON object a line.

`--schedule FILE` runs one schedule, such as a failure made smaller by `--shrink`. Exit code 1: something was violated.
"""

from tests.faults.simulation import computer  # noqa: F401, I001  first of all: the programs must find its clocks

from contextlib import nullcontext
import os
import sys
from typing import TextIO

import click
import msgspec

from tests.faults.mutants.mutant import put_on
from tests.faults.mutants.table import MUTANTS
from tests.faults.simulation.runs import Runs
from tests.faults.simulation.schedule import Schedule, schedule_of
from tests.faults.simulation.torture import torture
from tests.faults.simulation.workers import MOST_SAID, SHOWN, SMALLER

LAST_LINES = 40
"""Of a shrunk failure's history: what happened right before it was seen."""


@click.command()
@click.option("--seeds", default=50, help="How many.")
@click.option("--first", default=0, help="The first of them.")
@click.option("--workers", default=0, help="So many processes: torture, whose result goes into the table of all tiers.")
@click.option("--minutes", default=600.0, help="Of torture: no new round of seeds begins after so many.")
@click.option("--part", default="", help="Of torture: what this stretch of seeds is called beside others in the table.")
@click.option("--schedule", "file", type=click.File(), help="A schedule as JSON, instead of seeds.")
@click.option("--shrink", is_flag=True, help="Makes each failure smaller and prints its schedule.")
@click.option("--mutant", type=click.Choice(list(MUTANTS)), help="With a rule of the protocol taken out.")
@click.option("--lines", is_flag=True, help="Prints the history of each run.")
def main(
    seeds: int,
    first: int,
    workers: int,
    minutes: float,
    part: str,
    file: TextIO | None,
    mutant: str | None,
    *,
    shrink: bool,
    lines: bool,
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
    with Runs() as runs, put_on(MUTANTS[mutant]) if mutant else nullcontext():
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
                    print(_smaller(runs, schedule), flush=True)
    sys.exit(int(failed))


def _smaller(runs: Runs, schedule: Schedule) -> str:
    """The fewest events found that still fail, one a line; what they break; how it went; the whole for --schedule."""
    small = runs.shrink(schedule)
    found = runs.run_schedule(small)
    return "\n".join(
        [
            f"{SMALLER}{len(small.events)} of {len(schedule.events)} events, feed of {small.keep_lines} lines",
            *(
                f"  {event.at:8.3f} s  {event.kind} at seat {event.seat} for {event.seconds:g} s"
                for event in small.events
            ),
            *(f"  breaks {sentence[:SHOWN]}" for sentence in found.violations[:MOST_SAID]),
            *(f"    {line[:SHOWN]}" for line in runs.lines[-LAST_LINES:]),
            f"--schedule: {msgspec.json.encode(small).decode()}",
        ]
    )


if __name__ == "__main__":
    main()
