"""One server per data directory: a lock that the operating system lets go of when the process ends, however it ends."""

import os
import sys
from pathlib import Path

from server.store.settings import StoreUnusable

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class DataLocked(StoreUnusable):
    """Another process has the lock."""


class DataLock:
    """Held from construction until `release`; raises DataLocked, or StoreUnusable where nothing may be written."""

    def __init__(self, data_dir: Path) -> None:
        try:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(data_dir / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnusable(
                f"{data_dir} cannot be written to ({error.strerror})."
                " Give this user the right to write there, or name another --data."
            ) from error
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            raise DataLocked(
                f"Another Fieldline server is running on {data_dir}. Stop it first, or name another --data."
            ) from error

    def release(self) -> None:
        os.close(self._descriptor)
