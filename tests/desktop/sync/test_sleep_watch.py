"""One wake is one wake, whoever tells of it first."""

import asyncio
from types import SimpleNamespace
from typing import Any

from desktop.sync.sleep_watch import SAME_WAKE, SleepWatch


class Computer:
    """Its steady clock, and what was told of its wakes."""

    def __init__(self) -> None:
        self.now = 100.0
        self.wakes: list[float] = []
        clock = SimpleNamespace(wall=lambda: self.now, steady=lambda: self.now)
        times = SimpleNamespace(listen_after=0.0, wake_tick=1.0)
        parts: Any = SimpleNamespace(clock=clock, times=times, system_bus=None)
        self.watch = SleepWatch(parts, self._leave, self._wake)

    async def _leave(self) -> None:
        """Nothing is there to be left."""

    async def _wake(self, slept: float) -> None:
        self.wakes.append(slept)


def test_that_logind_does_not_wake_anew_who_the_clocks_have_woken() -> None:
    async def story(computer: Computer) -> None:
        await computer.watch._by_clocks(30.0)
        await computer.watch._awake()
        assert computer.wakes == [30.0]
        computer.now += SAME_WAKE
        await computer.watch._awake()
        assert len(computer.wakes) == 2

    asyncio.run(story(Computer()))


def test_that_who_has_left_is_always_woken() -> None:
    async def story(computer: Computer) -> None:
        await computer.watch._by_clocks(30.0)
        computer.watch._has_left = True
        await computer.watch._awake()
        assert len(computer.wakes) == 2

    asyncio.run(story(Computer()))
