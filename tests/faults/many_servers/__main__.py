"""`python -m tests.faults.many_servers --minutes N`: tier 6; prints its counts and notes them for the report.

Fails where a promise was broken, or where there were fewer operations or faults than the tier asks for.
"""

import sys
import tempfile
from pathlib import Path

import click

from tests.faults.many_servers.story import Size, run
from tests.faults.report import Result, note, now


@click.command()
@click.option("--minutes", default=30.0, help="Of trouble.")
@click.option("--seed", default=1, help="Of the troubles and clicks; the machine adds its own dice.")
@click.option("--folder", type=click.Path(path_type=Path), help="Keeps the servers' folders and logs there.")
def main(minutes: float, seed: int, folder: Path | None) -> None:
    """Exits 1 where a promise was broken or a quota missed."""
    started = now()
    with tempfile.TemporaryDirectory(prefix="many-servers-") as temporary:
        outcome = run(folder or Path(temporary), Size(minutes, seed))
    counted = (
        f"feed lines {outcome.lines}, sessions {outcome.sessions}, snapshots {outcome.snapshots}",
        f"requests {outcome.asked}, in vain {outcome.in_vain}, measurements {outcome.measured}",
        f"operations offered to two servers {outcome.twice}",
    )
    print(", ".join(counted))
    for line in [*outcome.broken, *outcome.unmet()]:
        print(line)
    command = f"python -m tests.faults.many_servers --minutes {minutes:g} --seed {seed}"
    if not outcome.unmet():
        broken = len(outcome.broken)
        note(Result(6, command, started, outcome.seconds, outcome.operations, dict(outcome.faults), 1, broken))
    sys.exit(bool(outcome.broken or outcome.unmet()))


if __name__ == "__main__":
    main()
