"""What a running program holds, read from outside: /proc of its process, and the files it leaves."""

import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.history.events import Measured

MEMORY_SLACK = 6.0
"""MB: what an allocator keeps or gives back as it likes."""
FILES_SLACK = 5.0
"""The backups of an outbox, which come one by one and are then five."""
LOGS_SLACK = 9.0
"""MB: two databases, each of which empties its log at a thousand pages."""
_SOCKET = "socket:"


def of_process(
    name: str, pid: int, after: int, spare: int = 0, memory_slack: float = MEMORY_SLACK
) -> Iterator[Measured]:
    """Open files, sockets, threads and memory of its own. What may differ from one moment to the next is slack: a kept
    connection, threads of a pool that come when they are first needed; and `spare` connections, where clients move
    from one server to another. Raises FileNotFoundError, ProcessLookupError once it is gone."""
    proc = Path(f"/proc/{pid}")
    targets = [_target(file) for file in (proc / "fd").iterdir()]
    status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
    megabytes = int(status["RssAnon"].split()[0]) / 1024
    for what, value, slack in (
        ("open files", len(targets), 3.0 + spare),
        ("sockets", sum(target.startswith(_SOCKET) for target in targets), 3.0 + spare),
        ("threads", int(status["Threads"]), 4.0),
        ("MB of memory", megabytes, memory_slack),
    ):
        yield Measured(at=time.time(), process=name, what=what, after=after, value=float(value), slack=slack)


def of_files(name: str, folder: Path, after: int) -> Iterator[Measured]:
    """How many there are, and how long the databases' logs: neither may grow with every life that was cut short."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    logs = sum(file.stat().st_size for file in files if file.name.endswith("-wal")) / 2**20
    for what, value, slack in (("files", len(files), FILES_SLACK), ("MB of logs", logs, LOGS_SLACK)):
        yield Measured(at=time.time(), process=name, what=what, after=after, value=float(value), slack=slack)


def _target(file: Path) -> str:
    """What a descriptor stands for; one that was closed meanwhile stands for nothing."""
    try:
        return str(file.readlink())
    except FileNotFoundError:
        return ""
