"""One person's files on one computer: opened together, checked, mended where they can be, and held by one process."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from desktop.store.cache_digest import CacheDigest, digest_cache
from desktop.store.cache_reader import CacheReader
from desktop.store.cache_worker import CacheWorker, open_cache
from desktop.store.cache_writer import CacheWriter
from desktop.store.errors import Damaged, DiskFull, ProfileUnusable, Unavailable
from desktop.store.key_ring import KeyRing, system_key_ring
from desktop.store.keys import KeyLost, machine_secret, profile_key
from desktop.store.leader_lock import LeaderLock
from desktop.store.outbox_file import (
    OUTBOX_FILE,
    OUTBOX_FILES,
    RUNNING_COPY,
    Notice,
    copy_to,
    open_outbox,
    told,
    untold,
)
from desktop.store.outbox_lanes import OutboxLanes
from desktop.store.outbox_store import OutboxStore
from desktop.store.outbox_tally import OutboxTally
from desktop.store.sqlcipher import connect, has_no_content, is_sound, put_aside

CHECK_BUDGET = 2.0
"""Seconds."""
TALLY_FILE = "outbox.tally"
CACHE_FILE = "cache.db"


@dataclass(slots=True)
class Profile:
    """`notices` are what a person must be told of the opening: (text key, values)."""

    directory: Path
    key: bytes = field(repr=False)
    lock: LeaderLock
    outbox: OutboxStore
    lanes: OutboxLanes
    reader: CacheReader
    worker: CacheWorker
    notices: list[Notice]
    closing: threading.Event = field(default_factory=threading.Event)
    """Set it to cut a running check short."""

    async def rebuild_cache(self) -> None:
        """Puts a damaged cache aside for an empty one; the feed's next join fills it."""
        await self.worker.drain()
        self.reader.close()
        self.worker.close_file()
        put_aside(self.directory / CACHE_FILE, f"damaged-{int(time.time())}")
        self.worker.replace(open_cache(self.directory / CACHE_FILE, self.key))
        self.reader.reopen()

    async def cache_is_sound(self) -> bool:
        """Reads as much of the cache as CHECK_BUDGET allows, on a thread and a connection of its own. Each page carries
        a signature that is checked whenever it is read, so this finds early what would be found anyway."""
        until = time.monotonic() + CHECK_BUDGET

        def check() -> bool:
            try:
                connection = connect(self.directory / CACHE_FILE, self.key, durable=False, read_only=True)
            except Damaged:
                return False
            try:
                return is_sound(connection, lambda: self.closing.is_set() or time.monotonic() > until)
            finally:
                connection.close()

        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="cache-check") as thread:
            return await asyncio.get_running_loop().run_in_executor(thread, check)

    async def digest_cache(self, ending: str) -> CacheDigest | None:
        """What the cache holds of ids that end so, on a thread of its own; None when the profile is closing. Raises
        Damaged."""

        def digest() -> CacheDigest | None:
            return digest_cache(self.directory / CACHE_FILE, self.key, ending, self.closing)

        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="cache-digest") as thread:
            return await asyncio.get_running_loop().run_in_executor(thread, digest)

    async def back_up_outbox(self) -> None:
        """A copy of the outbox as it is now, on a thread of its own. Raises DiskFull, Unavailable, Damaged."""

        def copy() -> None:
            connection = connect(self.directory / OUTBOX_FILE, self.key, durable=True)
            try:
                copy_to(connection, self.directory / RUNNING_COPY)
            finally:
                connection.close()

        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox-backup") as thread:
            await asyncio.get_running_loop().run_in_executor(thread, copy)

    def told(self) -> None:
        """The person has been given the notices: they are not given again. Raises DiskFull."""
        self.notices.clear()
        told(self.outbox.facts)

    def close(self) -> None:
        # Writers last: only they tidy the file up when they go.
        self.reader.close()
        self.worker.close()
        self.outbox.close()
        self.lock.release()


def open_profile(
    directory: Path,
    clock: Callable[[], float] = time.time,
    find_ring: Callable[[], KeyRing | None] = system_key_ring,
    machine: bytes | None = None,
) -> Profile:
    """Raises ProfileInUse and ProfileUnusable. A damaged or unreadable file is renamed, never deleted, and what
    became of it is in `notices`: nothing is ever silently empty."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = LeaderLock(directory / "leader.lock")
    except OSError as error:
        raise ProfileUnusable(f"The folder {directory} cannot be used: {error.strerror}.") from error
    try:
        return _open_locked(directory, lock, clock, find_ring, machine_secret() if machine is None else machine)
    except (DiskFull, Unavailable, OSError) as error:
        lock.release()
        raise ProfileUnusable(f"The profile in {directory} cannot be written: {error}.") from error
    except BaseException:
        lock.release()
        raise


def _open_locked(
    directory: Path,
    lock: LeaderLock,
    clock: Callable[[], float],
    find_ring: Callable[[], KeyRing | None],
    machine: bytes,
) -> Profile:
    notices: list[Notice] = []
    try:
        key = profile_key(directory, find_ring, machine)
    except KeyLost as error:
        notices.append(("profile_key_lost", {"why": str(error), "kept_as": _put_profile_aside(directory)}))
        key = profile_key(directory, find_ring, machine)
    tally = OutboxTally(directory / TALLY_FILE)
    connection = open_outbox(directory, key, tally)
    outbox, lanes = OutboxStore(connection, clock, tally), OutboxLanes(connection, clock)
    notices += untold(outbox.facts)
    lanes.recover()
    outbox.prune()
    was_in_use = outbox.facts.get("device_id") is not None
    read = partial(CacheReader, key=key, outbox=outbox, clock=clock)
    writer, reader = _open_cache(directory, key, notices, read, was_in_use=was_in_use)
    return Profile(directory, key, lock, outbox, lanes, reader, CacheWorker(writer, reader.workflows), notices)


def _open_cache(
    directory: Path,
    key: bytes,
    notices: list[Notice],
    read: Callable[[Path], CacheReader],
    *,
    was_in_use: bool,
) -> tuple[CacheWriter, CacheReader]:
    path = directory / CACHE_FILE
    writer: CacheWriter | None = None
    try:
        if was_in_use and has_no_content(path):
            raise Damaged("the file has no content")
        writer = open_cache(path, key)
        return writer, read(path)
    except Damaged as error:
        if writer is not None:
            writer.connection.close()
        put_aside(path, f"damaged-{int(time.time())}")
        notices.append(("cache_rebuilt", {"reason": str(error)}))
        return open_cache(path, key), read(path)


def _put_profile_aside(directory: Path) -> str:
    mark = f"locked-{int(time.time())}"
    for name in (*OUTBOX_FILES, TALLY_FILE, CACHE_FILE, "key", "key-in-ring"):
        if (directory / name).exists():
            put_aside(directory / name, mark)
    return mark
