"""Runs seeds in processes of their own, as many as there are cores for, and gathers what they found."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[3]
WORKERS = 2


class Tally(msgspec.Struct):
    """Of many runs together."""

    runs: int = 0
    operations: int = 0
    steps: int = 0
    hits: Counter[str] = Counter()
    violations: dict[int, list[str]] = {}
    digests: dict[int, str] = {}


class _Line(msgspec.Struct):
    seed: int
    violations: list[str]
    operations: int
    hits: dict[str, int]
    steps: int
    digest: str


def run_seeds(first: int, end: int, *options: str) -> Tally:
    """Raises RuntimeError, with what it said, for a worker that ended before its last seed."""
    share = -(-(end - first) // WORKERS)
    ranges = [(start, min(start + share, end)) for start in range(first, end, share)]
    workers = [_start(start, upto, options) for start, upto in ranges]
    tally = Tally(0, 0, 0, Counter(), {}, {})
    for worker, (start, upto) in zip(workers, ranges, strict=True):
        said, complained = worker.communicate()
        lines = [msgspec.json.decode(line, type=_Line) for line in said.splitlines() if line.startswith(b'{"seed"')]
        if len(lines) != upto - start:
            raise RuntimeError(f"seeds {start}:{upto} broke off after {len(lines)}:\n{complained.decode()[-2_000:]}")
        for line in lines:
            _count(tally, line)
    return tally


def _start(first: int, end: int, options: Sequence[str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.faults.simulation", "--seeds", f"{first}:{end}", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _count(tally: Tally, line: _Line) -> None:
    tally.runs += 1
    tally.operations += line.operations
    tally.steps += line.steps
    tally.hits.update(line.hits)
    tally.digests[line.seed] = line.digest
    if line.violations:
        tally.violations[line.seed] = line.violations
