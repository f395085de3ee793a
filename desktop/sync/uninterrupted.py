"""Lets a step come to its end even where whoever awaits it is told to go."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import structlog

T = TypeVar("T")
log = structlog.get_logger()


async def uninterrupted(step: Coroutine[Any, Any, T]) -> T:
    """What a thread has begun to commit cannot be called back. Who is cancelled meanwhile waits for it and for all that
    the step does with it, told screens included, and goes only then; a failure of that moment has nobody else to hear
    it and is logged. For short steps alone: none may wait for the network."""
    outcome = asyncio.gather(step, return_exceptions=True)
    try:
        [found] = await asyncio.shield(outcome)
    except asyncio.CancelledError:
        while not outcome.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([outcome])
        [found] = outcome.result()
        if isinstance(found, BaseException):
            log.warning("failed while ending", why=str(found))
        raise
    if isinstance(found, BaseException):
        raise found
    return found
