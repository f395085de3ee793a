"""Notices that the computer has slept: every connection is dead then, and no timer of this process knows it."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from desktop.sync.clock import Clock

JUMP = 5.0
"""Seconds that must be missing before it counts as sleep."""


def asleep_for(before: tuple[float, float], after: tuple[float, float]) -> float:
    """Seconds slept between two looks at (a clock that goes on in sleep, a clock that does not). A wall clock set
    back looks like nothing; one set forward looks like sleep, and costs one reconnect."""
    return max(0.0, (after[0] - before[0]) - (after[1] - before[1]))


def waking_clock(clock: Clock) -> Callable[[], float]:
    """The best clock that goes on in sleep: on Linux an exact one, elsewhere the wall clock."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    if boottime is None or clock.steady is not time.monotonic:
        return clock.wall
    return lambda: time.clock_gettime(boottime)


class WakeWatch:
    def __init__(self, clock: Clock, tick: float, on_wake: Callable[[float], Awaitable[None]]) -> None:
        self._clock = clock
        self._tick = tick
        self._on_wake = on_wake
        self._waking = waking_clock(clock)
        self._before = (self._waking(), clock.steady())

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._tick)
            slept = self.look()
            if slept > JUMP:
                await self._on_wake(slept)

    def look(self) -> float:
        """Seconds slept since the last look. Whoever hears of a wake otherwise looks too: it is told once."""
        after = (self._waking(), self._clock.steady())
        slept = asleep_for(self._before, after)
        self._before = after
        return slept
