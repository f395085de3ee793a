"""Reading beside the writer: a few threads, each with its own connection, each job one read transaction."""

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from server.store.link import Link
from server.store.transactions import ReadTx

T = TypeVar("T")


class Readers:
    """A snapshot per job: what one sees does not move while it looks, whoever writes meanwhile."""

    def __init__(self, connect: Callable[[], Link], count: int, epoch: str) -> None:
        """`connect` opens a connection that cannot write; raises StoreUnusable."""
        self._epoch = epoch
        self._idle: queue.SimpleQueue[Link] = queue.SimpleQueue()
        for _ in range(count):
            self._idle.put(connect())
        self._count = count
        self.threads = ThreadPoolExecutor(count, thread_name_prefix="reader")

    def read(self, job: Callable[[ReadTx], T]) -> T:
        """Runs the job here and now, in the calling thread, on an idle connection. Raises what it raised; Refusal
        `unavailable` where that was the database's failing."""
        link = self._idle.get()
        try:
            link.begin_read()
            return job(ReadTx(link, self._epoch))
        except link.driver_errors as error:
            refusal = link.refusal_for(error)
            if refusal is None:
                raise
            raise refusal from error
        finally:
            link.roll_back()
            self._idle.put(link)

    def close(self) -> None:
        self.threads.shutdown()
        for _ in range(self._count):
            self._idle.get().close()
