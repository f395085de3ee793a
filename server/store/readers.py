"""Reading beside the writer: a few threads, each with its own connection, each job one read transaction."""

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa

from server.store import sqlite
from server.store.settings import StoreSettings
from server.store.transactions import ReadTx

T = TypeVar("T")


class Readers:
    """A snapshot per job: what one sees does not move while it looks, whoever writes meanwhile."""

    def __init__(self, settings: StoreSettings, epoch: str) -> None:
        self._epoch = epoch
        self._idle: queue.SimpleQueue[tuple[sqlite.Connection, sa.Connection]] = queue.SimpleQueue()
        for _ in range(settings.readers):
            connection = sqlite.connect(settings.database, settings, read_only=True)
            self._idle.put((connection, sqlite.queries_over(connection)))
        self._count = settings.readers
        self.threads = ThreadPoolExecutor(settings.readers, thread_name_prefix="reader")

    def read(self, job: Callable[[ReadTx], T]) -> T:
        """Runs the job here and now, in the calling thread, on an idle connection."""
        connection, queries = self._idle.get()
        try:
            connection.execute("BEGIN")
            return job(ReadTx(connection, queries, self._epoch))
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._idle.put((connection, queries))

    def close(self) -> None:
        self.threads.shutdown()
        for _ in range(self._count):
            self._idle.get()[0].close()
