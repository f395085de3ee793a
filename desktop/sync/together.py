"""Runs tasks that stand and fall with each other, such as those of one socket."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def run_together(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Until one of them ends or fails; the others are cancelled. Raises the first failure itself, not a group.

    Told to end, it ends. No task of the group is let fail: in Python 3.11 a failure in the very moment of a
    cancellation hides the cancellation, and whoever waits for the end would wait for ever.
    """
    outcomes: list[BaseException | None] = []
    over = asyncio.Event()

    async def watch(coroutine: Coroutine[Any, Any, None]) -> None:
        outcomes.extend(await asyncio.gather(coroutine, return_exceptions=True))
        over.set()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(watch(coroutine)) for coroutine in coroutines]
        await over.wait()
        for task in tasks:
            task.cancel()
    failure = outcomes[0]
    if isinstance(failure, Exception):
        raise failure
