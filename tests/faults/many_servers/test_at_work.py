"""Who is at work in tier 6 is seen to be: nobody drops out without the run failing."""

import asyncio

import pytest

from tests.faults.many_servers.story import at_work


async def for_ever() -> None:
    await asyncio.Event().wait()


async def cancelled_by_nobody() -> None:
    raise asyncio.CancelledError


def test_that_a_client_whose_task_is_cancelled_by_nobody_ends_the_run() -> None:
    async def run() -> None:
        async with at_work(work() for work in (for_ever, cancelled_by_nobody, for_ever)):
            await for_ever()

    with pytest.raises(ExceptionGroup) as failed:
        asyncio.run(asyncio.wait_for(run(), 5))
    assert [str(error) for error in failed.value.exceptions] == ["cancelled by nobody"]


def test_that_all_are_told_to_go_at_the_end() -> None:
    async def run() -> bool:
        async with at_work(work() for work in (for_ever, for_ever)):
            await asyncio.sleep(0)
        return True

    assert asyncio.run(asyncio.wait_for(run(), 5))
