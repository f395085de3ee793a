"""The one thread that writes the cache, and answers what would take too long on the loop's thread."""

import asyncio
import threading
from array import array
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from contract.workflow import Workflow
from desktop.state.lines import Me, ViewCount
from desktop.state.new_bookings import NewBooking
from desktop.store.cache_schema import CACHE_STEPS
from desktop.store.cache_writer import CacheWriter
from desktop.store.errors import Damaged
from desktop.store.listing import order, views
from desktop.store.snapshot_staging import SnapshotStaging
from desktop.store.sqlcipher import DriverError, connect, migrate
from desktop.store.summaries import fold

T = TypeVar("T")


def open_cache(path: Path, key: bytes) -> CacheWriter:
    """Opens and, where needed, makes the file. Raises Damaged when it cannot be what it should."""
    connection = connect(path, key, durable=False, cache_mb=48)
    try:
        migrate(connection, "cache", CACHE_STEPS)
        connection.create_function("fold", 1, fold, deterministic=True)
        writer = CacheWriter(connection)
        writer.position()
    except DriverError as error:
        connection.close()
        raise Damaged(str(error)) from error
    except Damaged:
        connection.close()
        raise
    return writer


class CacheWorker:
    """`run` hands a job to the thread and awaits it; jobs run one after the other, in the order they were handed in."""

    def __init__(self, writer: CacheWriter, workflows: Mapping[str, Workflow]) -> None:
        self._writer = writer
        self._workflows = workflows
        self.file_number = 1
        """Another one for another file."""
        self.staging = SnapshotStaging(writer.connection)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cache")

    async def run(self, job: Callable[[CacheWriter], T]) -> T:
        """Raises what the job raised: DiskFull, Damaged."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: job(self._writer))

    async def stage(self, job: Callable[[SnapshotStaging], T]) -> T:
        """As `run`, for the steps of a snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: job(self.staging))

    async def order(self, view_key: str, filter_text: str, me: Me) -> "array[int]":
        return await self.run(lambda writer: order(writer.connection, view_key, filter_text, me))

    async def views(self, me: Me, new: Sequence[NewBooking] = ()) -> list[ViewCount]:
        return await self.run(lambda writer: views(writer.connection, me, dict(self._workflows), new))

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """In the block the thread does nothing: what was handed in before is done, what is handed in waits for its end,
        and goes to the file that there is then. For short blocks that do not wait."""
        loop, idle, goes_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

        def hold() -> None:
            loop.call_soon_threadsafe(idle.set)
            goes_on.wait()

        held = loop.run_in_executor(self._thread, hold)
        try:
            await idle.wait()
            yield
        finally:
            goes_on.set()
            await held

    def replace(self, writer: CacheWriter) -> None:
        """Goes on with another file; the thread must be held. A snapshot that was being staged begins anew."""
        self.file_number += 1
        self.go_on_with(writer)

    def go_on_with(self, writer: CacheWriter) -> None:
        """The same file, opened again; otherwise as `replace`."""
        self._writer = writer
        self.staging = SnapshotStaging(writer.connection)

    def close_file(self) -> None:
        self._writer.connection.close()

    def close(self) -> None:
        """Waits for the job under way."""
        self._thread.shutdown(wait=True)
        self.close_file()
