"""Runs seeds in processes of their own, whose clocks are simulated from their start, and gathers what they found."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from tests.faults.simulation.finding import Finding

SMALLER = "made smaller:\n"
"""Begins what is printed of a failure that was shrunk."""
SHOWN, MOST_SAID = 300, 5
"""Characters of a sentence, and sentences, that are shown of a failure."""
ROOT = Path(__file__).resolve().parents[3]


class Tally(msgspec.Struct):
    """Of many runs together."""

    runs: int = 0
    operations: int = 0
    steps: int = 0
    hits: Counter[str] = msgspec.field(default_factory=Counter)
    violations: dict[int, list[str]] = {}
    digests: dict[int, str] = {}

    def add(self, found: Finding) -> None:
        self.runs += 1
        self.operations += found.operations
        self.steps += found.steps
        self.hits.update(found.hits)
        self.digests[found.seed] = found.digest
        if found.violations:
            self.violations[found.seed] = found.violations

    def merge(self, other: "Tally") -> None:
        self.runs += other.runs
        self.operations += other.operations
        self.steps += other.steps
        self.hits.update(other.hits)
        self.digests.update(other.digests)
        self.violations.update(other.violations)


def run_seeds(first: int, seeds: int, *options: str, workers: int = 1) -> Tally:
    """Raises RuntimeError, with what it said, for a worker that ended before its last seed."""
    share = -(-seeds // workers)
    parts = [(start, min(share, first + seeds - start)) for start in range(first, first + seeds, share)]
    running = [_start(start, count, options) for start, count in parts]
    tally = Tally()
    with ThreadPoolExecutor(len(running)) as readers:
        # All at once: a worker that nobody reads stands still as soon as its pipe is full.
        heard = list(readers.map(lambda worker: worker.communicate(), running))
    for (said, complained), (start, count) in zip(heard, parts, strict=True):
        lines = [msgspec.json.decode(line, type=Finding) for line in said.splitlines() if line.startswith(b'{"seed"')]
        if len(lines) != count:
            raise RuntimeError(f"{count} seeds from {start} on broke off:\n{complained.decode()[-2_000:]}")
        for found in lines:
            tally.add(found)
    return tally


def told_of(violations: Mapping[int, list[str]], shrink: int = 1, *options: str) -> str:
    """Seeds that failed, in words; the first ones made smaller. Empty for none."""
    first, rest = list(violations.items())[:shrink], list(violations.items())[shrink:]
    told = [shrunk(seed, says, *options) for seed, says in first]
    return "\n".join([*told, *(f"seed {seed}: {says[0][:SHOWN]}" for seed, says in rest)])


def shrunk(seed: int, says: Sequence[str], *options: str) -> str:
    """A failing seed as a person reads it: what is said of it, the fewest events found that still fail so, the last
    lines of their history, and the command that begins it all again. Takes half a minute at the most."""
    worker = _start(seed, 1, ("--shrink", *options))
    said, complained = worker.communicate()
    told = said.decode().partition(SMALLER)[2] or f"it could not be made smaller:\n{complained.decode()[-2_000:]}"
    again = f"again: python -m tests.faults.simulation --first {seed} --seeds 1 --shrink"
    return "\n".join([f"seed {seed}", *(f"  {sentence[:SHOWN]}" for sentence in says[:MOST_SAID]), told.strip(), again])


def _start(first: int, seeds: int, options: Sequence[str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.faults.simulation", "--first", str(first), "--seeds", str(seeds), *options]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
