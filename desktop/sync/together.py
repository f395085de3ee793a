"""Runs tasks that stand and fall with each other, such as those of one socket."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class _Over(Exception):
    """One of the tasks has come to its end."""


async def run_together(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Until one of them ends or fails; the others are cancelled. Raises the first failure itself, not a group."""

    async def until_the_end(coroutine: Coroutine[Any, Any, None]) -> None:
        await coroutine
        raise _Over

    try:
        async with asyncio.TaskGroup() as group:
            for coroutine in coroutines:
                group.create_task(until_the_end(coroutine))
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
        if not isinstance(first, _Over):
            raise first from None
