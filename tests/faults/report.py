"""What each tier of faults came to, as one table: printed after a run, and written into docs/reliability.md.

A tier's entry point calls `note` with its Result, which prints it and appends it to torture-output/results.jsonl.
`python -m tests.faults.report` then prints the last result of each; `--record` also puts them at the end of the page.
"""

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import click
import msgspec

from tests.bench import machine

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "torture-output" / "results.jsonl"
PAGE, LAST = ROOT / "docs" / "reliability.md", "## The last run"
TIERS = {
    1: "state tables",
    2: "state machines",
    3: "simulation of the real code",
    4: "mutants of the protocol",
    5: "real processes, kill -9",
    6: "three servers, twenty clients",
    7: "torn writes",
    8: "the window",
}
FOLDERS = {
    "tables": 1, "machines": 2, "simulation": 3, "mutants": 4, "processes": 5, "many_servers": 6, "torn_writes": 7,
    "window": 8,
}  # fmt: skip


class Result(msgspec.Struct, frozen=True):
    """One run of one tier. A run that missed its quotas of faults has no result: its entry point fails."""

    tier: int
    """A key of TIERS."""
    command: str
    """What repeats it, as typed at the project's root."""
    started: str
    """ISO 8601, UTC."""
    seconds: float
    operations: int
    """Of people: lines written, buttons pressed, receipts. 0 where the tier does not count them."""
    faults: dict[str, int]
    """How often each class struck."""
    checked: int
    """Histories, seeds, disks or mutants that were looked at in full."""
    violations: int
    part: str = ""
    """Of a tier that has several: its engine, say. The last result of each part is kept."""
    steps: int = 0
    """Where a tier goes by steps: those that were taken."""


def tier_of(nodeid: str) -> int | None:
    """A test's tier; None where it is of none."""
    parts = PurePosixPath(nodeid.partition("::")[0]).parts
    return FOLDERS.get(parts[2]) if parts[:2] == ("tests", "faults") and len(parts) > 3 else None


def now() -> str:
    """The moment, as `started` wants it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def note(result: Result, into: Path = RESULTS) -> None:
    """Prints a result and appends it to those there are."""
    print(table([result]), flush=True)
    into.parent.mkdir(parents=True, exist_ok=True)
    with into.open("ab") as file:
        file.write(msgspec.json.encode(result) + b"\n")


def last_results(found: Path = RESULTS) -> list[Result]:
    """The newest of each tier and part, by tier; none where nothing has run."""
    lines = found.read_bytes().splitlines() if found.exists() else []
    newest = {(one.tier, one.part): one for one in (msgspec.json.decode(line, type=Result) for line in lines)}
    return [newest[key] for key in sorted(newest)]


_HEAD = ("tier", "began (UTC)", "took", "operations", "faults", "checked", "violations")


def table(results: Sequence[Result]) -> str:
    """The results as text, each one's faults by class and its command below."""
    rows = [_HEAD, *map(_row, results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *(f"{_name(one)}: {_faults(one)}\n  {one.command}" for one in results)])


def markdown(results: Sequence[Result]) -> str:
    """The same for a page of documentation."""
    rows = [_HEAD, tuple("---" for _ in _HEAD), *map(_row, results)]
    told = [f"- **{_name(one)}** (`{one.command}`): {_faults(one)}." for one in results]
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", *told])


def write_down(results: Sequence[Result], facts: Iterable[tuple[str, str]], page: Path = PAGE) -> None:
    """Replaces what stands below the page's last heading."""
    kept, heading, _ = page.read_text(encoding="utf-8").partition(LAST)
    told = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in facts)
    page.write_text(f"{kept}{heading}\n\n{told}.\n\n{markdown(results)}\n", encoding="utf-8")


def _name(one: Result) -> str:
    return f"{one.tier} {TIERS[one.tier]}" + (f", {one.part}" if one.part else "")


def _row(one: Result) -> tuple[str, ...]:
    began, took = one.started[:16].replace("T", " "), f"{one.seconds:,.0f} s"
    counts = (one.operations, sum(one.faults.values()), one.checked, one.violations)
    return (_name(one), began, took, *(f"{count:,}" for count in counts))


def _faults(one: Result) -> str:
    steps = [f"in {one.steps:,} steps"] if one.steps else []
    return ", ".join([*steps, *(f"{fault} {count:,}" for fault, count in sorted(one.faults.items()))])


@click.command()
@click.option("--record", is_flag=True, help="Put the table into docs/reliability.md in place of the last one.")
def main(record: bool) -> None:
    """Exits 1 where something was violated, or nothing has run."""
    results = last_results()
    described = machine.description()
    facts = [(key, described[key]) for key in ("date", "processor", "cores", "kernel", "python")]
    print(table(results))
    if record:
        write_down(results, facts)
    sys.exit(not results or any(one.violations for one in results))


if __name__ == "__main__":
    main()
