"""The named points at which a process under test can be made to end as if by `kill -9`, and who passes them."""

import os
import signal
import threading
import time
from pathlib import Path

from tests.faults.history.events import Event, Faulted, encode_event
from tests.support.running_postgres import kill_cluster

CLIENT_POINTS = (
    "click.before_commit",
    "click.after_commit",
    "claim.before_commit",
    "claim.after_commit",
    "send.before",
    "send.after",
    "verdict.before_commit",
    "verdict.after_commit",
    "apply.before_commit",
    "apply.after_commit",
    "acknowledge.before",
    "acknowledge.after",
    "join.before",
    "join.after",
    "stage.after_commit",
    "swap.before_commit",
    "swap.after_commit",
)
"""A click's commit; the sender's claim; the request; the verdict noted; the feed applied and acknowledged; the join; a
snapshot half staged, and put in its place."""
SERVER_POINTS = (
    "write.middle",
    "batch.middle",
    "commit.before",
    "commit.after",
    "publish.before",
    "publish.after",
    "receipt.before",
    "receipt.after",
    "snapshot.middle",
    "snapshot.end",
)
"""In an operation; between two operations of one transaction; around its commit; around telling the sockets, which
is before the asker is answered; around a receipt's commit; a snapshot half written, and whole but not sent."""
ON_SNAPSHOT = frozenset(
    {"stage.after_commit", "swap.before_commit", "swap.after_commit", "snapshot.middle", "snapshot.end"}
)
"""Only passed when a client takes a snapshot."""
ON_JOIN = frozenset({"join.before", "join.after"})
"""Only passed when a client comes back."""


class Journal:
    """Appends events to a file of this process's own. What was written before a kill stays: the system holds it."""

    def __init__(self, path: Path, process: str) -> None:
        self.process = process
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, *events: Event) -> None:
        os.write(self._file, b"".join(encode_event(event) + b"\n" for event in events))


class Points:
    """`arm` one; the process ends, without a chance to do anything, when it passes that point."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._armed = ""
        self._database = 0

    def arm(self, point: str, database: int = 0) -> None:
        """`database`: the process of a PostgreSQL server that is to end instead of this one, with all of its own."""
        with self._lock:
            self._armed, self._database = point, database

    def pass_by(self, point: str) -> None:
        with self._lock:
            if point != self._armed:
                return
            self._armed = ""
            victim = "postgres" if self._database else self._journal.process
            self._journal.write(Faulted(at=time.time(), process=victim, fault=f"killed at {point}"))
            if self._database:
                kill_cluster(self._database)
            else:
                os.kill(os.getpid(), signal.SIGKILL)
