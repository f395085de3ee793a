"""One person's files on one computer: opened together, checked, mended where they can be, and held by one process."""

import asyncio
import contextlib
import errno
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from contract.ids import new_id
from desktop.store.cache_digest import CacheDigest, digest_cache
from desktop.store.cache_reader import CacheReader
from desktop.store.cache_rebuilding import rebuild
from desktop.store.cache_worker import CacheWorker, open_cache
from desktop.store.cache_writer import CacheWriter
from desktop.store.errors import Damaged, DiskFull, NoRoom, ProfileUnusable, Unavailable
from desktop.store.key_ring import KeyRing, system_key_ring
from desktop.store.keys import KeyLost, machine_secret, profile_key
from desktop.store.leader_lock import LeaderLock
from desktop.store.outbox_access import outbox_named
from desktop.store.outbox_file import (
    OUTBOX_FILE,
    OUTBOX_FILES,
    RUNNING_COPY,
    Notice,
    back_up,
    copy_to,
    is_backed_up,
    keep_untold,
    open_outbox,
    told,
    untold,
)
from desktop.store.outbox_lanes import OutboxLanes
from desktop.store.outbox_store import OutboxStore
from desktop.store.outbox_tally import OutboxTally
from desktop.store.place import place_of
from desktop.store.put_off import PutOff
from desktop.store.sqlcipher import connect, has_no_content, is_sound, put_aside, take_back

if TYPE_CHECKING:
    from sqlite3 import Connection

CHECK_BUDGET = 2.0
"""Seconds."""
TALLY_FILE = "outbox.tally"
CACHE_FILE = "cache.db"
_PROFILE_FILES = (*OUTBOX_FILES, TALLY_FILE, CACHE_FILE, "key", "key-in-ring")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(slots=True)
class Profile:
    """`notices` are what a person must be told of the opening: (text key, values)."""

    directory: Path
    place: str
    """See place_of."""
    key: bytes = field(repr=False)
    lock: LeaderLock
    outbox: OutboxStore
    lanes: OutboxLanes
    reader: CacheReader
    worker: CacheWorker
    notices: list[Notice]
    backed_up: bool
    """Whether this start's copy of the outbox has been made."""
    put_off: PutOff = field(default_factory=PutOff)
    """Small writes of the opening that a full disk has kept from being done."""
    closing: threading.Event = field(default_factory=threading.Event)
    """Set it to cut a running check short."""

    async def rebuild_cache(self) -> bool:
        """Puts a damaged cache aside for an empty one; the feed's next join fills it. False where that has just been
        done. Raises DiskFull and Unavailable where none can be made: then the damaged one is in use as before."""
        return await rebuild(self.directory / CACHE_FILE, self.key, self.worker, self.reader)

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
        """A copy of the outbox as it is now, on a thread of its own. Raises DiskFull, Unavailable, OutboxDamaged."""

        await self._with_outbox(lambda connection: copy_to(connection, self.directory / RUNNING_COPY))

    async def make_up_for_backup(self) -> None:
        """The copy that this start owes, on a thread of its own. Raises DiskFull, Unavailable, OutboxDamaged."""
        await self._with_outbox(lambda connection: back_up(connection, self.directory))
        self.backed_up = True

    async def _with_outbox(self, job: "Callable[[Connection], None]") -> None:
        def work() -> None:
            connection = connect(self.directory / OUTBOX_FILE, self.key, durable=True)
            try:
                job(connection)
            finally:
                connection.close()

        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox-backup") as thread, outbox_named():
            await asyncio.get_running_loop().run_in_executor(thread, work)

    def server_url(self, told: str | None) -> str:
        """As told, and kept for the next start; else as kept; else empty."""
        kept = self.outbox.facts.server_url
        if told is not None and told != kept:
            self.put_off.now_or_later(partial(self.outbox.facts.keep_server, told))
        return told or kept

    def device_id(self) -> str:
        """This profile's own, made once for the place it lives in."""
        found = self.outbox.facts.device_id(self.place)
        if found is None:
            found = new_id()
            self.put_off.now_or_later(partial(self.outbox.facts.keep_device, found, self.place))
        return found

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
    """Raises ProfileInUse and ProfileUnusable (NoRoom). A damaged or unreadable file is renamed, never deleted, and
    what became of it is in `notices`: nothing is ever silently empty. A full disk keeps nothing from being read that
    can be opened without writing: what could not be written is put off (see Profile.put_off, backed_up)."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = LeaderLock(directory / "leader.lock")
    except (DiskFull, Unavailable, OSError) as error:
        raise _unusable(directory, error) from error
    try:
        return _open_locked(directory, lock, clock, find_ring, machine_secret() if machine is None else machine)
    except (DiskFull, Unavailable, OSError) as error:
        lock.release()
        raise _unusable(directory, error) from error
    except BaseException:
        lock.release()
        raise


def _unusable(directory: Path, error: Exception) -> ProfileUnusable:
    """What is wrong, and what to do about it."""
    if isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno in _NO_ROOM):
        return NoRoom(
            f"The disk takes no more, and {directory} cannot be opened without writing ({error}). "
            "Free some space and start again."
        )
    why = error.strerror if isinstance(error, OSError) else error
    return ProfileUnusable(f"The folder {directory} cannot be used: {why}.")


def _open_locked(
    directory: Path,
    lock: LeaderLock,
    clock: Callable[[], float],
    find_ring: Callable[[], KeyRing | None],
    machine: bytes,
) -> Profile:
    open_with = partial(_open_with, directory, place_of(directory, machine), lock, clock)
    try:
        key = profile_key(directory, find_ring, machine)
    except KeyLost as error:
        mark = _put_profile_aside(directory)
        notice: Notice = ("profile_key_lost", {"why": str(error), "kept_as": mark})
        try:
            return open_with(profile_key(directory, find_ring, machine), [notice])
        except BaseException:
            # Else the next start would find a new and empty profile, and nobody would be told.
            _take_profile_back(directory, mark)
            raise
    return open_with(key, [])


def _open_with(
    directory: Path, place: str, lock: LeaderLock, clock: Callable[[], float], key: bytes, given: list[Notice]
) -> Profile:
    tally = OutboxTally(directory / TALLY_FILE)
    opened = open_outbox(directory, key, tally)
    connection = opened.connection
    outbox, lanes = OutboxStore(connection, clock, tally), OutboxLanes(connection, clock)
    try:
        notices = [*given, *untold(outbox.facts)]
        was_in_use = outbox.facts.get("device_id") is not None
        read = partial(CacheReader, key=key, outbox=outbox, clock=clock)
        writer, reader = _open_cache(directory, key, notices, read, was_in_use=was_in_use)
        # Now that all can be read: where there is little room, no write may take it away from that.
        put_off = PutOff()
        with contextlib.suppress(DiskFull, Unavailable):  # what was on the wire goes again once its lease has run out
            lanes.recover()
        put_off.now_or_later(outbox.prune)
        for notice in given:
            put_off.now_or_later(partial(keep_untold, outbox.facts, notice))
        backed_up = not opened.sound or is_backed_up(connection, directory)
        if not backed_up:
            put_off.now_or_later(outbox.facts.try_room)
    except BaseException:
        outbox.close()
        raise
    worker = CacheWorker(writer, reader.workflows)
    return Profile(directory, place, key, lock, outbox, lanes, reader, worker, notices, backed_up, put_off)


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
    for name in _PROFILE_FILES:
        if (directory / name).exists():
            put_aside(directory / name, mark)
    return mark


def _take_profile_back(directory: Path, mark: str) -> None:
    """Undoes _put_profile_aside; what was made anew since holds nothing yet."""
    for name in _PROFILE_FILES:
        take_back(directory / name, mark)
