"""Holds a profile for one process, by SQLite's file locks: alike on every platform, and gone with the process."""

import sqlite3
from pathlib import Path

from desktop.store.errors import ProfileInUse, Unavailable
from desktop.store.sqlcipher import kind_of


class LeaderLock:
    """A second Fieldline on the same profile would send every operation twice as often and read half-written files."""

    def __init__(self, path: Path) -> None:
        """Raises ProfileInUse, and DiskFull or Unavailable where the lock's file cannot be had at all."""
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=0.2)
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self.release()
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise ProfileInUse("Fieldline is already running with this profile.") from error
            raise (kind_of(error) or Unavailable)(str(error)) from error

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
