"""Tasks that stand and fall together."""

import asyncio

import pytest

from desktop.sync.poke import Poke
from desktop.sync.together import run_together


def test_that_the_first_failure_ends_the_others_and_is_raised_itself():
    ended = []

    async def fail():
        await asyncio.sleep(0.01)
        raise KeyError("why")

    async def wait():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("waiting")

    with pytest.raises(KeyError, match="why"):
        asyncio.run(run_together(wait(), fail(), wait()))
    assert ended == ["waiting", "waiting"]


def test_that_one_that_comes_to_its_end_ends_all():
    async def end():
        await asyncio.sleep(0)

    asyncio.run(run_together(end(), asyncio.sleep(60)))


def test_that_being_cancelled_cancels_all():
    ended = []

    async def wait():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(1)

    async def main():
        async with asyncio.timeout(0.05):
            await run_together(wait(), wait())

    with pytest.raises(TimeoutError):
        asyncio.run(main())
    assert ended == [1, 1]


def test_that_a_failure_in_the_same_moment_does_not_hide_that_it_was_cancelled():
    async def fail_when(moment: asyncio.Event):
        await moment.wait()
        raise KeyError

    async def main():
        moment = asyncio.Event()
        running = asyncio.get_running_loop().create_task(run_together(fail_when(moment), asyncio.sleep(60)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        moment.set()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(main())


def test_that_pokes_between_two_waits_count_as_one_and_none_is_lost():
    async def main():
        poke = Poke()
        poke()
        poke()
        return [await poke.wait(0.01), await poke.wait(0.01)]

    assert asyncio.run(main()) == [True, False]
