"""The machine under the figures: its cores, who runs where, and what a process weighs."""

import os
import platform
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = CORES[0]
LOAD_CORE = CORES[-1]


def pinned(core: int, command: Sequence[str]) -> list[str]:
    """The command, to run on one core only. With a single core there is nothing to choose."""
    return ["taskset", "-c", str(core), *command] if len(CORES) > 1 else list(command)


def on_any_core(command: Sequence[str]) -> list[str]:
    """The command, to run wherever there is room, even if this process is kept to one core."""
    return ["taskset", "-c", ",".join(map(str, CORES)), *command] if len(CORES) > 1 else list(command)


@contextmanager
def serving(command: Sequence[str], folder: Path | None = None) -> Iterator[tuple[int, str]]:
    """A server on its core while the block runs: its process id and the first line it said."""
    with subprocess.Popen(pinned(SERVER_CORE, command), cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, process.stdout.readline().strip()
        finally:
            process.terminate()
            process.communicate(timeout=20)


def with_environment(values: dict[str, str], command: Sequence[str]) -> list[str]:
    """The command with further environment variables."""
    return ["env", *(f"{name}={value}" for name, value in values.items()), *command] if values else list(command)


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(other for child in children for other in family(int(child)))]


def memory_kib(pid: int, kind: str = "Pss") -> int:
    """KiB that a process and its descendants hold; Pss counts shared pages by share, Rss in full."""
    total = 0
    for member in family(pid):
        found = re.search(rf"^{kind}:\s+(\d+) kB", Path(f"/proc/{member}/smaps_rollup").read_text(), re.MULTILINE)
        total += int(found.group(1)) if found else 0
    return total


def description() -> dict[str, str]:
    """What a reader needs to know before comparing figures with another run's."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": model.group(1) if model else platform.processor(),
        "cores": str(len(CORES)),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def run_here_on(core: int) -> None:
    """Moves this process to one core."""
    os.sched_setaffinity(0, {core})
