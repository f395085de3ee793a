"""`python -m tests.faults.torn_writes`: tier 7 at length; prints its counts and notes them for the report.

Power cuts before and after every sync of recorded desks, and damages to the files of one. A failure tells what
was done right before it, and the command that repeats exactly that one (--trace, --damage).
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click

from tests.faults.report import Result, note, now
from tests.faults.torn_writes.corruptions import FILES, WAYS, Damage, damage, damage_once
from tests.faults.torn_writes.power_cuts import FATES, cut_again, cut_power
from tests.faults.torn_writes.runs import Each, on_all_cores


@click.command()
@click.option("--traces", default=20, help="Recorded desks, of about 650 power cuts each.")
@click.option("--corruptions", default=2_000, help="Damages to a desk's files.")
@click.option("--seed", default=1, help="Of the first trace; the damages have it too.")
@click.option("--processes", default=2, help="At once.")
@click.option("--trace", type=click.Path(exists=True, path_type=Path), help="One that was kept: this cut of it alone.")
@click.option("--cut", default=0, help="Steps of --trace until the power goes.")
@click.option("--unsynced", type=click.Choice(FATES), default="none", help="What becomes of what was not synced.")
@click.option("--damage", "one_damage", type=(click.Choice(FILES), click.Choice([*WAYS]), int), help="This one alone.")
def main(
    traces: int,
    corruptions: int,
    seed: int,
    processes: int,
    trace: Path | None,
    cut: int,
    unsynced: str,
    one_damage: tuple[str, str, int] | None,
) -> None:
    """Exits 1 where a promise was broken."""
    with tempfile.TemporaryDirectory(prefix="torn-writes-") as folder:
        if trace is not None:
            _end(filter(None, [cut_again(Path(folder), trace, cut, unsynced)]))
        if one_damage is not None:
            _end(damage_once(Path(folder), Damage(*one_damage)))
    with tempfile.TemporaryDirectory(prefix="torn-writes-") as folder, on_all_cores(processes) as each:
        repeat = f"python -m tests.faults.torn_writes --seed {seed}"
        broken = cuts(Path(folder), traces, seed, each, f"{repeat} --traces {traces} --corruptions 0")
        broken += damages(Path(folder), corruptions, seed, each, f"{repeat} --traces 0 --corruptions {corruptions}")
    _end(broken)


def _end(broken: Iterable[str]) -> NoReturn:
    told = list(broken)
    print("\n".join(told))
    sys.exit(bool(told))


def cuts(folder: Path, traces: int, seed: int, each: Each, command: str) -> list[str]:
    """All the power cuts of so many traces; what was broken."""
    started, began = now(), time.monotonic()
    faults, promised, broken = Counter[str](), 0, list[str]()
    for number in range(seed, seed + traces):
        counts = cut_power(folder / f"trace-{number}", number, each=each)
        faults += counts.cuts
        promised += counts.promised
        broken += counts.broken
    if traces:
        seconds = time.monotonic() - began
        note(Result(7, command, started, seconds, promised, faults, faults.total(), len(broken), "power cuts"))
    return broken


def damages(folder: Path, corruptions: int, seed: int, each: Each, command: str) -> list[str]:
    """Raises AssertionError where a way to damage a file was left out; else what was broken."""
    if not corruptions:
        return []
    started, began = now(), time.monotonic()
    counts = damage(folder / "damages", corruptions, seed, each)
    quota = corruptions // (len(FILES) * len(WAYS))
    missed = [kind for kind in (f"{how} {file}" for file in FILES for how in WAYS) if counts.done[kind] < quota]
    assert not missed, f"done less than {quota} times: {missed}"
    print(f"whole {counts.whole}, told {counts.told}, operations salvaged {counts.salvaged}, lost {counts.lost}")
    seconds, operations = time.monotonic() - began, counts.salvaged + counts.lost
    note(Result(7, command, started, seconds, operations, counts.done, corruptions, len(counts.broken), "damages"))
    return counts.broken


if __name__ == "__main__":
    main()
