"""Holds a profile for one process, by SQLite's file locks: alike on every platform, and gone with the process."""

import sqlite3
from pathlib import Path

from desktop.store.errors import ProfileInUse


class LeaderLock:
    """A second Fieldline on the same profile would send every operation twice as often and read half-written files."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=0.2)
        try:
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise ProfileInUse("Fieldline is already running with this profile.") from error

    def release(self) -> None:
        self._connection.close()
