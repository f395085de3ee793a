"""`python -m tests.faults.mutants`: takes each rule out and tells which seed notices, one JSON object a line.

Tries the seed that is kept in the table first, then, since a change of the programs changes what happens in a seed,
BUDGET others. `--search 200` looks afresh among so many, `--first` from which on. What counts as noticed says
verdict.py; and the same seed must be clean without the mutant. Exit code 1: a mutant lived, or is itself broken.
"""

from tests.faults.simulation import computer  # noqa: F401, I001  first of all: the programs must find its clocks

from collections.abc import Sequence
import os
import sys
import time

import click
import msgspec

from tests.faults.mutants.mutant import Mutant, put_on
from tests.faults.mutants.table import MUTANTS, SIDES
from tests.faults.mutants.verdict import MutantVerdict, noticed
from tests.faults.report import Result, note, now
from tests.faults.simulation.quotas import QUARTER
from tests.faults.simulation.runs import Runs

BUDGET = 200
CLEAN = 4 * QUARTER
"""Seeds below are run without any mutant by `make test` (simulation/seeds_hold.py); above, here."""


@click.command()
@click.option("--search", default=0, help="How many seeds, not the kept one first.")
@click.option("--first", default=0, help="The first of them.")
@click.option("--side", type=click.Choice([*SIDES, "both"]), default="both")
@click.option("--only", multiple=True, help="These mutants only.")
def main(search: int, first: int, side: str, only: tuple[str, ...]) -> None:
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(
            sys.executable,
            [sys.executable, "-m", __package__ or "", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    chosen = MUTANTS if side == "both" else SIDES[side]
    started, began = now(), time.perf_counter()
    verdicts: list[MutantVerdict] = []
    with Runs() as runs:
        for name, mutant in chosen.items():
            if only and name not in only:
                continue
            seeds = range(first, first + search) if search else [mutant.seed, *range(BUDGET)]
            verdict = _hunt(runs, name, mutant, seeds)
            verdicts.append(verdict)
            print(msgspec.json.encode(verdict).decode(), flush=True)
    lived = sum(verdict.seed is None for verdict in verdicts)
    if search:
        command = f"python -m tests.faults.mutants --search {search} --first {first} --side {side}"
        note(Result(4, command, started, time.perf_counter() - began, 0, {}, len(verdicts), lived, side))
    sys.exit(bool(lived))


def _hunt(runs: Runs, name: str, mutant: Mutant, seeds: Sequence[int]) -> MutantVerdict:
    began = time.perf_counter()
    for tried, seed in enumerate(seeds, 1):
        with put_on(mutant) as watched:
            found = runs.run(seed).violations
        if watched.mistakes:
            return MutantVerdict(name, None, tried, watched.mistakes[0][:200], time.perf_counter() - began)
        says = noticed(found, watched)
        if says is not None and _is_clean(runs, seed):
            return MutantVerdict(name, seed, tried, says[:200], time.perf_counter() - began)
    return MutantVerdict(name, None, len(seeds), "", time.perf_counter() - began)


def _is_clean(runs: Runs, seed: int) -> bool:
    """The control: without the mutant nothing is broken in that seed."""
    return seed < CLEAN or not runs.run(seed).violations


if __name__ == "__main__":
    main()
