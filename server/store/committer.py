"""The one writer: takes all waiting jobs, runs each as if alone, commits once, then tells the loop."""

import asyncio
import queue
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from contract.errors import Refusal
from contract.verdicts import Verdict
from server.store.feed import Batch
from server.store.settings import StoreSettings
from server.store.transactions import WriteTx
from server.store.writer import Writer

Job = Callable[[WriteTx], Any]
Done = Callable[[Any], None]


class Spoilt(Exception):
    """A job failed after it had written, so the transaction holds half of it."""


class Passing(Exception):
    """The database gave the transaction up for another one's sake: run again, it may well succeed."""


ATTEMPTS = 6
"""How often a transaction is run that the database gives up; each time after a longer pause, drawn at random."""
HINT_SECONDS = 0.05
"""Under load, others are told at most that often that there is something to read."""


class Announcement(msgspec.Struct, frozen=True):
    """What the loop is told of one commit: the batches in feed order, then whose jobs came to what."""

    batches: list[Batch]
    head: int
    floor: int
    answers: list[tuple[Done, Any]]
    jobs: int = 0
    seconds: float = 0.0
    """How many jobs were committed together, and how long that took, fsync included."""


class Committer:
    """Owns the writing connection's thread.

    Fewer fsyncs, not fewer guarantees: every job of a batch is answered only after the one COMMIT that made it
    durable. A job that raises is undone alone and gets its own exception. Savepoints for that cost a tenth of a
    message, so they are only set when a job has failed after it had written: then all are run again from the start.
    """

    def __init__(self, writer: Writer, settings: StoreSettings) -> None:
        self._writer = writer
        self._settings = settings
        self._waiting: queue.SimpleQueue[tuple[Job, Done]] = queue.SimpleQueue()
        self._stopping = False
        self._stopped = threading.Event()
        self._hinted = 0.0
        self._thread = threading.Thread(target=self._work, name="committer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._announce: Callable[[Announcement], None] | None = None
        self._failed: Callable[[], None] = _nobody

    def start(
        self,
        loop: asyncio.AbstractEventLoop,
        announce: Callable[[Announcement], None],
        failed: Callable[[], None] | None = None,
    ) -> None:
        """`announce` is called in the loop's thread, once per commit, in feed order; `failed` there, should the thread
        end by a fault of its own: nothing will be written any more."""
        self._loop, self._announce, self._failed = loop, announce, failed or _nobody
        self._thread.start()

    def submit(self, job: Job, done: Done) -> None:
        """Queues a job; raises Refusal("unavailable") when too many wait."""
        if self._stopping or self._waiting.qsize() >= self._settings.max_waiting:
            raise Refusal("unavailable", {"waiting": self._waiting.qsize()}, retry_after=1.0)
        self._waiting.put((job, done))

    def look(self) -> None:
        """Has the feed read soon: somebody says that there is something new. Called from any thread."""
        self._waiting.put((_look, _ignore))

    def stop(self) -> None:
        """Commits what waits, then ends the thread."""
        self._stopping = True
        self._stopped.set()
        if self._thread.is_alive():
            self._waiting.put((_nothing, _ignore))
            self._thread.join()

    def _work(self) -> None:
        jobs: list[tuple[Job, Done]] = []
        try:
            while jobs or not self._stopping:
                if jobs:
                    self._tell(self._commit(jobs))
                    self._hint()
                else:
                    self._look_around()
                jobs = self._take()
        finally:  # should it end before it was told to, nobody is left waiting for ever
            failed, self._stopping = not self._stopping, True
            self._refuse(jobs + self._all_waiting())
            if failed and self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._failed)

    def _take(self) -> list[tuple[Job, Done]]:
        """All that waits; waits itself a moment when nothing does."""
        try:
            found = [self._waiting.get(timeout=self._settings.look_every)]
        except queue.Empty:
            return []
        found += self._all_waiting(self._settings.max_batch - 1)
        return [pair for pair in found if pair[0] is not _look]

    def _all_waiting(self, at_most: int = sys.maxsize) -> list[tuple[Job, Done]]:
        return [self._waiting.get_nowait() for _ in range(min(self._waiting.qsize(), at_most))]

    def _refuse(self, jobs: list[tuple[Job, Done]]) -> None:
        if jobs:
            answers: list[tuple[Done, Any]] = [(done, Refusal("unavailable", retry_after=1.0)) for _, done in jobs]
            self._tell(Announcement([], self._writer.head, self._writer.floor, answers))

    def _commit(self, jobs: list[tuple[Job, Done]]) -> Announcement:
        """One transaction for all; a failure of the database itself fails them all as `unavailable`."""
        writer = self._writer
        begun = time.perf_counter()
        batches: list[Batch] = []
        try:
            results = self._durably([job for job, _ in jobs], batches)
            seconds = time.perf_counter() - begun
        except writer.driver_errors as error:
            refusal = writer.failed(error, len(jobs))
            return Announcement(batches, writer.head, writer.floor, [(done, refusal) for _, done in jobs])
        batch = writer.published_batch()
        if batch is not None:
            batches.append(batch)
        answers = [(done, self._with_seq(result)) for (_, done), result in zip(jobs, results, strict=True)]
        return Announcement(batches, writer.head, writer.floor, answers, len(jobs), seconds)

    def _durably(self, jobs: list[Job], batches: list[Batch]) -> list[Any]:
        """The jobs' results once they are on disk. What others had committed before goes to `batches`, and stays there
        whatever becomes of the jobs: it is read once. Raises a driver's error."""
        writer = self._writer
        for attempt in range(1, ATTEMPTS + 1):
            try:
                batches += writer.begin(time.time_ns() // 1_000_000)
                results = self._run_all(jobs, batches)
                writer.commit()
            except Passing as given_up:
                writer.roll_back()
                if attempt == ATTEMPTS and given_up.__cause__ is not None:
                    raise given_up.__cause__ from None
            except writer.driver_errors as error:
                writer.roll_back()
                if attempt == ATTEMPTS or not writer.passing(error):
                    raise
            else:
                return results
            self._stopped.wait(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311  (a pause, no secret)
        raise AssertionError("the last attempt returns or raises")

    def _run_all(self, jobs: list[Job], batches: list[Batch]) -> list[Any]:
        """Each job's result, or the exception it raised with its effects undone. `batches`: see _durably."""
        try:
            return [self._run(job) for job in jobs]
        except Spoilt:
            batches += self._writer.start_over()
            return [self._run_in_savepoint(job) for job in jobs]

    def _run(self, job: Job) -> Any:
        writer = self._writer
        before, remembered = writer.rows_written, len(writer.tx.to_remember)
        try:
            return job(writer.tx)
        except Exception as error:  # the last chance: what a job raises belongs to whoever submitted it
            if writer.passing(error):
                raise Passing from error
            if writer.rows_written != before or writer.spoilt:
                raise Spoilt from error
            del writer.tx.to_remember[remembered:]
            return writer.answer_for(error)

    def _run_in_savepoint(self, job: Job) -> Any:
        writer = self._writer
        writer.mark()
        try:
            result = job(writer.tx)
        except Exception as error:
            if writer.passing(error):
                raise Passing from error
            writer.undo(error)
            return writer.answer_for(error)
        writer.release()
        return result

    def _with_seq(self, result: Any) -> Any:
        """A verdict learns where the feed tells of it; one that changed nothing gets the head. Where that cannot be
        read just now it is to be asked for again: a number too low would say that the feed has passed what it has
        not."""
        if not isinstance(result, Verdict) or result.verdict not in ("applied", "noop"):
            return result
        if self._writer.behind:
            return Verdict(result.op_id, "retry", code="unavailable")
        seq = self._writer.seq_of.get(result.op_id, self._writer.head)
        return Verdict(
            result.op_id,
            result.verdict,
            seq,
            result.version,
            result.code,
            result.message,
            result.current,
            result.result,
        )

    def _look_around(self) -> None:
        """Publishes what other programs have committed meanwhile."""
        batches = self._writer.look_around()
        if batches:
            self._tell(Announcement(batches, self._writer.head, self._writer.floor, []))

    def _hint(self) -> None:
        """Tells the other servers, under load not after every commit; they look by themselves each second anyhow."""
        now = time.monotonic()
        if self._waiting.empty() or now - self._hinted > HINT_SECONDS:
            self._hinted = now
            self._writer.tell_others()

    def _tell(self, announcement: Announcement) -> None:
        if self._loop is None or self._announce is None or self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._announce, announcement)


def answer_all(loop: asyncio.AbstractEventLoop, answers: deque[tuple[Done, Any]]) -> None:
    """Calls everyone back; one callback's failure is the loop's to report and does not keep the others waiting."""
    try:
        while answers:
            done, result = answers.popleft()
            done(result)
    finally:
        if answers:
            loop.call_soon(answer_all, loop, answers)


def _look(tx: WriteTx) -> None:
    """No job: it only has the thread look around."""


def _nothing(tx: WriteTx) -> None:
    """The job that only wakes the thread."""


def _nobody() -> None:
    """Nobody wants to be told."""


def _ignore(result: Any) -> None:
    """Its answer."""
