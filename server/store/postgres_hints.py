"""Hears the other servers' NOTIFY: a mere hint that there is something to read, looked for each second anyhow."""

import threading
from collections.abc import Callable

import psycopg
import structlog

from server.store.postgres import CHANNEL, open_connection

log = structlog.get_logger(__name__)

WAIT_SECONDS = 0.25
"""How long closing may take."""
RETRY_SECONDS = 1.0


class PostgresListener:
    """A thread with a connection of its own. Lost, it is opened again, and whatever was missed is looked for."""

    def __init__(self, url: str, look: Callable[[], None]) -> None:
        self._url = url
        self._look = look
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="database hints", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                self._listen()
            except psycopg.Error:
                log.info("hints from other servers are not heard for a while")
                self._closing.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        with open_connection(self._url) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._look()
            while not self._closing.is_set():
                for _ in connection.notifies(timeout=WAIT_SECONDS, stop_after=1):
                    self._look()
