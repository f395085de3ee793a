"""The store as the rest of the server sees it: open, submit, read, and be told of every commit."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import structlog

from contract.errors import Refusal
from server.store import database, fellow_servers, retention
from server.store.committer import Announcement, Committer, answer_all
from server.store.data_lock import DataLock
from server.store.epoch import EpochGuard, Guard, require_what_was_promised, settle_epoch
from server.store.feed import Batch
from server.store.link import Listener
from server.store.migrate import migrate
from server.store.readers import Readers
from server.store.settings import StoreSettings, StoreUnusable
from server.store.transactions import ReadTx, WriteTx
from server.store.writer import Writer

T = TypeVar("T")
log = structlog.get_logger(__name__)

GUARD_SECONDS = 1.0
"""How far the guard beside the database may lag behind it."""
RETENTION_SECONDS = 60.0


class Store:
    """Made by `open`, set going by `start` inside the loop, ended by `close`."""

    def __init__(self, settings: StoreSettings, lock: DataLock | None, writer: Writer, guard: EpochGuard) -> None:
        self.epoch = writer.epoch
        self._settings = settings
        self._lock = lock
        self._writer = writer
        self._guard = guard
        self._committer = Committer(writer, settings)
        self._readers = Readers(lambda: database.connect(settings, read_only=True), settings.readers, writer.epoch)
        self._head, self._floor = writer.head, writer.floor
        self._listener: Listener | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_commit: Callable[[Batch], None] | None = None
        self._commit_done: Callable[[int, float], None] | None = None
        self._timers: list[asyncio.TimerHandle] = []

    @classmethod
    def open(cls, settings: StoreSettings, key_id: str = "") -> "Store":
        """Locks, checks and migrates; raises StoreUnusable saying why not and what to do. `key_id`: see
        fellow_servers."""
        lock = database.lock(settings)
        try:
            require_what_was_promised(settings)
            with contextlib.ExitStack() as unless_opened:
                link = unless_opened.enter_context(contextlib.closing(database.connect(settings)))
                try:
                    migrate(link)
                    fellow_servers.join(link, key_id)
                    guard = EpochGuard(settings.data_dir)
                    epoch = settle_epoch(link, guard)
                    store = cls(settings, lock, Writer(link, epoch), guard)
                except link.driver_errors as error:
                    raise link.unusable(error) from error
                unless_opened.pop_all()
                return store
        except StoreUnusable:
            if lock is not None:
                lock.release()
            raise

    @property
    def head(self) -> int:
        """The newest seq announced to the loop."""
        return self._head

    @property
    def floor(self) -> int:
        """The oldest cursor that the feed can still continue from."""
        return self._floor

    def start(
        self,
        loop: asyncio.AbstractEventLoop,
        on_commit: Callable[[Batch], None],
        commit_done: Callable[[int, float], None] | None = None,
        failed: Callable[[], None] | None = None,
    ) -> None:
        """From now on `on_commit` runs in the loop's thread, once per commit, in feed order; other programs' commits
        come within 250 ms (PostgreSQL: a second). `commit_done` is told (jobs, seconds) of each of our own, once all
        are answered; `failed` is called when nothing can be written any more, by a fault of ours."""
        self._loop, self._on_commit, self._commit_done = loop, on_commit, commit_done
        self._committer.start(loop, self._announce, failed)
        self._listener = database.listen(self._settings, self._committer.look)
        self._every(GUARD_SECONDS, self._write_guard)
        self._every(RETENTION_SECONDS, self._shorten)

    def submit(self, job: Callable[[WriteTx], T], done: Callable[[T | BaseException], None]) -> None:
        """Runs `job` in the next commit. `done` gets its result or its exception in the loop's thread, together with
        all others of that commit, after the commit and after `on_commit`. Called from the loop's thread. A job may be
        run again from its start when another one of its batch fails: let it write through its transaction only."""
        try:
            self._committer.submit(job, done)
        except Refusal as refusal:
            self._running_loop().call_soon(done, refusal)

    async def write(self, job: Callable[[WriteTx], T]) -> T:
        """The result of `job` once it is durable; raises what the job raised."""
        waiter: asyncio.Future[T] = self._running_loop().create_future()

        def done(result: T | BaseException) -> None:
            if waiter.cancelled():
                return
            if isinstance(result, BaseException):
                waiter.set_exception(result)
            else:
                waiter.set_result(result)

        self.submit(job, done)
        return await waiter

    async def read(self, job: Callable[[ReadTx], T]) -> T:
        """The result of `job` in a reader's thread, as of one moment."""
        return await self._running_loop().run_in_executor(self._readers.threads, self._readers.read, job)

    def read_now(self, job: Callable[[ReadTx], T]) -> T:
        """The same in the calling thread; for start-up and commands."""
        return self._readers.read(job)

    def close(self) -> None:
        """Commits what still waits, then lets go of everything. Those waiting jobs are answered through the loop."""
        for timer in self._timers:
            timer.cancel()
        self._committer.stop()
        if self._listener is not None:
            self._listener.close()
        self._write_guard(self._writer.head)
        self._readers.close()
        self._writer.close()
        if self._lock is not None:
            self._lock.release()

    def _announce(self, announcement: Announcement) -> None:
        self._head, self._floor = announcement.head, announcement.floor
        with contextlib.ExitStack() as each:  # from the bottom up: what fails keeps no other commit from being told
            # Whatever becomes of telling the others, whoever asked gets an answer.
            each.callback(answer_all, self._running_loop(), deque(announcement.answers))
            for batch in reversed(announcement.batches):
                each.callback(self._tell, batch)
        if self._commit_done is not None and announcement.jobs:
            self._commit_done(announcement.jobs, announcement.seconds)

    def _tell(self, batch: Batch) -> None:
        if self._on_commit is not None:
            self._on_commit(batch)

    def _every(self, seconds: float, call: Callable[[], None]) -> None:
        loop = self._running_loop()

        def again() -> None:
            self._timers[index] = loop.call_later(seconds, again)
            call()

        index = len(self._timers)
        self._timers.append(loop.call_later(seconds, again))

    def _write_guard(self, head: int | None = None) -> None:
        try:
            self._guard.write(Guard(self.epoch, self._head if head is None else head))
        except OSError as error:  # a guard that lags is no danger, and a full disk passes
            log.warning("guard not written", reason=error.strerror)

    def _shorten(self) -> None:
        self._shorten_by(partial(retention.shorten_feed, settings=self._settings))
        self._shorten_by(retention.shorten_rejections)
        self._shorten_by(partial(retention.remove_guests, settings=self._settings))

    def _shorten_by(self, job: Callable[[WriteTx], int]) -> None:
        """Goes on at once while there is more, each time letting the waiting jobs in between."""

        def done(removed: int | BaseException) -> None:
            if isinstance(removed, Refusal):
                log.info("old lines stay for now", reason=removed.code)  # an outage or too much to do; asked again soon
            elif isinstance(removed, BaseException):
                log.error("old lines could not be removed", exc_info=removed)
            elif removed >= retention.AT_ONCE:
                self._shorten_by(job)

        self.submit(job, done)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError("the store has not been started")
        return self._loop
