"""A store opened and started for the length of a test's coroutine."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from server.store.feed import Batch
from server.store.store import Store
from tests.support.engines import settings_for


@contextlib.asynccontextmanager
async def open_store(folder: Path, **settings: Any) -> AsyncIterator[tuple[Store, list[Batch]]]:
    """The store, and the batches announced so far."""
    store = Store.open(settings_for(folder, **settings))
    batches: list[Batch] = []
    store.start(asyncio.get_running_loop(), batches.append)
    try:
        yield store, batches
    finally:
        store.close()


async def until(true: Any, seconds: float = 20.0) -> None:
    """Waits for a condition; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)
