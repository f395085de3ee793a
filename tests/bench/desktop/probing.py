"""Starts the real program under the probe, in a process of its own."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench import machine, programs
from tests.bench.load_client import LoadFailed


def probe(mode: str, profile: Path) -> dict[str, Any]:
    """What a run of the real program found; raises LoadFailed with its last words."""
    command = [sys.executable, "-m", "tests.bench.desktop.probe", mode, str(time.monotonic()), str(profile)]
    done = subprocess.run(
        machine.with_environment({"QT_QPA_PLATFORM": "offscreen"}, machine.on_any_core(command)),
        cwd=programs.HERE.parents[1],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if done.returncode or not done.stdout.strip():
        raise LoadFailed(f"the desktop failed in `{mode}`: {done.stderr.strip()[-600:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
