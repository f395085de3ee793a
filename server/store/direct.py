"""A command's way to the database: one transaction, whether a server runs beside it or not."""

import time
from collections.abc import Callable
from typing import TypeVar

from server.store import sqlite
from server.store.data_lock import DataLock, DataLocked
from server.store.epoch import EpochGuard, Guard, present_epoch, settle_epoch
from server.store.migrate import is_current, migrate
from server.store.settings import StoreSettings, StoreUnusable
from server.store.transactions import WriteTx
from server.store.writer import Writer

T = TypeVar("T")


def write_directly(settings: StoreSettings, job: Callable[[WriteTx], T]) -> T:
    """The result of `job`, durable. A running server notices the commit and tells its screens. Raises StoreUnusable,
    or what the job raises, and then nothing was written."""
    lock = _lock_unless_served(settings)
    try:
        connection = sqlite.connect(settings.database, settings)
        try:
            return _run(connection, settings, job, alone=lock is not None)
        finally:
            connection.close()
    except sqlite.DriverError as error:
        raise sqlite.unusable(settings.database, error) from error
    finally:
        if lock is not None:
            lock.release()


def _lock_unless_served(settings: StoreSettings) -> DataLock | None:
    try:
        return DataLock(settings.data_dir)
    except DataLocked:
        return None


def _run(connection: sqlite.Connection, settings: StoreSettings, job: Callable[[WriteTx], T], *, alone: bool) -> T:
    guard = EpochGuard(settings.data_dir)
    if alone:
        migrate(connection)
        epoch = settle_epoch(connection, guard)
    elif not is_current(connection):
        raise StoreUnusable("The server running here has a database of another version. Use that version's command.")
    else:
        epoch = present_epoch(connection) or ""
    writer = Writer(connection, epoch)
    writer.begin(time.time_ns() // 1_000_000)
    try:
        result = job(writer.tx)
        writer.commit()
    finally:
        writer.roll_back()
    writer.published_batch()
    if alone:
        guard.write(Guard(epoch, writer.head))
    return result
