"""Sleep, by logind's word and by the clocks: before it the desk takes leave of the server, after it comes back at once.

Where nobody tells (no bus, another system), there is no leave, and the clocks alone tell of the wake.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

import structlog

from desktop.network.errors import BusLost
from desktop.sync.parts import Parts
from desktop.sync.together import run_together
from desktop.sync.wake_watch import WakeWatch

if TYPE_CHECKING:
    from desktop.network.login_bus import LoginBus

SAME_WAKE = 10.0
"""Seconds within which the clocks and logind tell of one and the same wake."""
NO_SLEEP = 60.0
"""Seconds awake after which an announced sleep does not come any more."""
log = structlog.get_logger()


class SleepWatch:
    """`leave` is awaited before a sleep; `wake`, with the seconds slept, after it, and whenever no word of waking will
    come any more."""

    def __init__(
        self, parts: Parts, leave: Callable[[], Awaitable[None]], wake: Callable[[float], Awaitable[None]]
    ) -> None:
        self._address = parts.system_bus
        self._pause = parts.times.listen_after
        self._steady = parts.clock.steady
        self._clocks = WakeWatch(parts.clock, parts.times.wake_tick, self._by_clocks)
        self._leave = leave
        self._wake = wake
        self._has_left = False
        self._woke_at = float("-inf")

    async def run(self) -> None:
        if self._address is None:
            await self._clocks.run()
        else:
            await run_together(self._clocks.run(), self._listen(self._address))

    async def _listen(self, address: str) -> None:
        while True:
            await asyncio.sleep(self._pause)
            with ThreadPoolExecutor(1) as thread:
                login_bus = await asyncio.get_running_loop().run_in_executor(thread, _load)
            try:
                async with login_bus(address) as bus:
                    await run_together(bus.ended(), self._follow(bus))
            except BusLost as error:
                log.debug("nobody tells of sleep", why=str(error))
            if self._has_left:
                await self._awake()

    async def _follow(self, bus: "LoginBus") -> None:
        while True:
            with await bus.hold_sleep():
                while not await bus.about_to_sleep():
                    await self._awake()  # from a sleep that began before anybody listened
                self._has_left = True
                await self._leave()
            try:
                async with asyncio.timeout(NO_SLEEP):
                    while await bus.about_to_sleep():
                        pass
            except TimeoutError:
                log.info("the announced sleep has not come")
            await self._awake()

    async def _by_clocks(self, slept: float) -> None:
        self._has_left = False
        self._woke_at = self._steady()
        await self._wake(slept)

    async def _awake(self) -> None:
        told = not self._has_left and self._steady() - self._woke_at < SAME_WAKE
        self._has_left = False
        slept = self._clocks.look()
        if not told:
            await self._wake(slept)


def check_sleep_watch() -> str:
    """Which ways this build has to hear of sleep; raises ImportError where one is missing."""
    if sys.platform != "linux":
        return "by the clocks"
    _load()
    return "by logind, else by the clocks"


def _load() -> "Callable[[str], AbstractAsyncContextManager[LoginBus]]":
    from desktop.network.login_bus import login_bus  # noqa: PLC0415 - a twentieth of a second, off the screen's thread

    return login_bus
