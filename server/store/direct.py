"""A command's way to the database: one transaction, whether a server runs beside it or not."""

import time
from collections.abc import Callable
from typing import TypeVar

from server.store import database
from server.store.data_lock import DataLocked
from server.store.epoch import EpochGuard, Guard, present_epoch, require_what_was_promised, settle_epoch
from server.store.link import Link
from server.store.migrate import is_current, migrate
from server.store.settings import StoreSettings, StoreUnusable
from server.store.transactions import WriteTx
from server.store.writer import Writer

T = TypeVar("T")


def write_directly(settings: StoreSettings, job: Callable[[WriteTx], T]) -> T:
    """The result of `job`, durable. A running server notices the commit and tells its screens. Raises StoreUnusable,
    or what the job raises, and then nothing was written."""
    try:
        lock = database.lock(settings)
    except DataLocked:
        return _connected(settings, job, alone=False)
    try:
        return _connected(settings, job, alone=True)
    finally:
        if lock is not None:
            lock.release()


def _connected(settings: StoreSettings, job: Callable[[WriteTx], T], *, alone: bool) -> T:
    require_what_was_promised(settings)
    link = database.connect(settings)
    try:
        return _run(link, settings, job, alone=alone)
    except link.driver_errors as error:
        raise link.unusable(error) from error
    finally:
        link.close()


def _run(link: Link, settings: StoreSettings, job: Callable[[WriteTx], T], *, alone: bool) -> T:
    """`alone`: no server has SQLite's file; on PostgreSQL the steps themselves see to it that none is disturbed."""
    guard = EpochGuard(settings.data_dir)
    if alone:
        migrate(link)
        epoch = settle_epoch(link, guard)
    elif not is_current(link):
        raise StoreUnusable("The server running here has a database of another version. Use that version's command.")
    else:
        epoch = present_epoch(link) or ""
    writer = Writer(link, epoch)
    writer.begin(time.time_ns() // 1_000_000)
    try:
        result = job(writer.tx)
        writer.commit()
    finally:
        writer.roll_back()
    writer.published_batch()
    writer.tell_others()
    if alone:
        guard.write(Guard(epoch, writer.head))
    return result
