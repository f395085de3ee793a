"""Tries the mutants of one side, each with the seed that is kept for it, in a process of their own."""

import os
import subprocess
import sys

import msgspec

from tests.faults.mutants.verdict import MutantVerdict
from tests.faults.simulation.workers import ROOT


def try_mutants(side: str) -> dict[str, MutantVerdict]:
    """Raises RuntimeError, with what it said, for a process that told of none."""
    command = [sys.executable, "-m", "tests.faults.mutants", "--side", side]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, env=environment, check=False)
    found = [msgspec.json.decode(line, type=MutantVerdict) for line in done.stdout.splitlines() if line[:1] == b"{"]
    if not found:
        raise RuntimeError(done.stderr.decode()[-2_000:])
    return {verdict.mutant: verdict for verdict in found}
