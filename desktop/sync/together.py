"""Runs tasks that stand and fall with each other, such as those of one socket."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def run_together(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Until one of them ends or fails; the others are cancelled. Raises the first failure itself, not a group.

    Told to end, it ends. A task group would not do: in Python 3.11 a failure of one of its tasks in the very moment of
    a cancellation hides the cancellation, and whoever waits for the end waits for ever.
    """
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(coroutine) for coroutine in coroutines]
    try:
        first, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        failures = {task: task.exception() for task in tasks if not task.cancelled()}
    for task in sorted(tasks, key=lambda task: task not in first):
        failure = failures.get(task)
        if failure is not None:
            raise failure
