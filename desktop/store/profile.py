"""One person's files on one computer: opened together, checked, mended where they can be, and held by one process."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.store.cache_digest import CacheDigest, digest_cache
from desktop.store.cache_reader import CacheReader
from desktop.store.cache_worker import CacheWorker, open_cache
from desktop.store.cache_writer import CacheWriter
from desktop.store.errors import Damaged, DiskFull, ProfileUnusable, Unavailable
from desktop.store.key_ring import KeyRing, system_key_ring
from desktop.store.keys import KeyLost, machine_secret, profile_key
from desktop.store.leader_lock import LeaderLock
from desktop.store.outbox_lanes import OutboxLanes
from desktop.store.outbox_salvage import newest_number, salvage
from desktop.store.outbox_schema import OUTBOX_STEPS
from desktop.store.outbox_store import OutboxStore
from desktop.store.outbox_tally import OutboxTally
from desktop.store.sqlcipher import connect, is_sound, migrate, put_aside, translated

if TYPE_CHECKING:
    from sqlite3 import Connection

CHECK_BUDGET = 2.0
"""Seconds."""
OUTBOX_FILE = "outbox.db"
TALLY_FILE = "outbox.tally"
CACHE_FILE = "cache.db"
BACKUPS = tuple(f"outbox.backup-{number}.db" for number in range(1, 6))
"""Newest first, each made at a start."""
RUNNING_COPY = "outbox.copy.db"
"""Made anew while the program runs, so that five starts stay five starts."""


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
    notices: list[tuple[str, dict[str, object]]]
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
    notices: list[tuple[str, dict[str, object]]] = []
    try:
        key = profile_key(directory, find_ring, machine)
    except KeyLost as error:
        notices.append(("profile_key_lost", {"why": str(error), "kept_as": _put_profile_aside(directory)}))
        key = profile_key(directory, find_ring, machine)
    tally = OutboxTally(directory / TALLY_FILE)
    connection = _open_outbox(directory, key, tally, notices)
    outbox, lanes = OutboxStore(connection, clock, tally), OutboxLanes(connection, clock)
    lanes.recover()
    outbox.prune()
    was_in_use = outbox.facts.get("device_id") is not None
    read = partial(CacheReader, key=key, outbox=outbox, clock=clock)
    writer, reader = _open_cache(directory, key, notices, read, was_in_use=was_in_use)
    return Profile(directory, key, lock, outbox, lanes, reader, CacheWorker(writer, reader.workflows), notices)


def _open_outbox(
    directory: Path, key: bytes, tally: OutboxTally, notices: list[tuple[str, dict[str, object]]]
) -> "Connection":
    path, promised = directory / OUTBOX_FILE, tally.read()
    try:
        if _has_no_content(path) and _copies(directory):
            raise Damaged("the file has no content")
        connection = connect(path, key, durable=True)
        migrate(connection, "outbox", OUTBOX_STEPS)
        if is_sound(connection) and newest_number(connection) >= promised:
            back_up(connection, directory)
            return connection
        connection.close()
    except Damaged:
        pass  # put aside below, like one that opened and is not sound
    aside = put_aside(path, f"damaged-{int(time.time())}")
    connection = connect(path, key, durable=True)
    migrate(connection, "outbox", OUTBOX_STEPS)
    found = salvage([aside, *_copies(directory)], key, connection, promised)
    newest = newest_number(connection)
    tally.note(newest)
    values: dict[str, object] = {"kept": found.operations, "damaged_file": aside.name}
    if found.complete and newest >= promised:
        notices.append(("outbox_salvaged", values))
    else:
        notices.append(("outbox_salvaged_partly", values))
    return connection


def _copies(directory: Path) -> list[Path]:
    """Newest first: what was taken back since an older one must not come to life again from it."""
    files = [directory / name for name in (RUNNING_COPY, *BACKUPS) if (directory / name).exists()]
    return sorted(files, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def back_up(connection: "Connection", directory: Path) -> None:
    """A whole copy beside the last ones, of which the oldest goes."""
    files = [directory / name for name in BACKUPS]
    draft = directory / "outbox.backup.new"
    copy_to(connection, draft)
    for newer, older in zip(reversed(files[:-1]), reversed(files[1:]), strict=True):
        if newer.exists():
            newer.replace(older)
    draft.replace(files[0])


def copy_to(connection: "Connection", path: Path) -> None:
    """A whole copy under the same key, in place of what was there once it is complete. Raises DiskFull, Unavailable,
    Damaged."""
    draft = path.with_name(f"{path.name}.part")
    try:
        draft.unlink(missing_ok=True)
        with translated():
            connection.execute("VACUUM INTO ?", (str(draft),))
        draft.replace(path)
    except OSError as error:
        raise Unavailable(str(error)) from error


def _open_cache(
    directory: Path,
    key: bytes,
    notices: list[tuple[str, dict[str, object]]],
    read: Callable[[Path], CacheReader],
    *,
    was_in_use: bool,
) -> tuple[CacheWriter, CacheReader]:
    path = directory / CACHE_FILE
    writer: CacheWriter | None = None
    try:
        if was_in_use and _has_no_content(path):
            raise Damaged("the file has no content")
        writer = open_cache(path, key)
        return writer, read(path)
    except Damaged as error:
        if writer is not None:
            writer.connection.close()
        put_aside(path, f"damaged-{int(time.time())}")
        notices.append(("cache_rebuilt", {"reason": str(error)}))
        return open_cache(path, key), read(path)


def _has_no_content(path: Path) -> bool:
    """SQLite takes a file of no byte or of one for a new one."""
    return path.exists() and path.stat().st_size <= 1


def _put_profile_aside(directory: Path) -> str:
    mark = f"locked-{int(time.time())}"
    for name in (OUTBOX_FILE, TALLY_FILE, CACHE_FILE, RUNNING_COPY, *BACKUPS, "key", "key-in-ring"):
        if (directory / name).exists():
            put_aside(directory / name, mark)
    return mark
