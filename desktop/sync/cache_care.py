"""Finds out early whether the cache is damaged, and has it rebuilt whoever finds it so."""

import asyncio

import structlog

from desktop.store.errors import Damaged, DiskFull, Unavailable
from desktop.sync.parts import Parts
from desktop.sync.poke import Poke
from desktop.sync.troubles import Troubles

CHECK_AFTER = 10.0
"""Seconds of running after which the cache is looked through."""
log = structlog.get_logger()


class CacheCare:
    def __init__(self, parts: Parts, troubles: Troubles) -> None:
        self._profile = parts.profile
        self._troubles = troubles
        self._damage = Poke()

    def found(self, error: Damaged) -> None:
        """Somebody has met a damaged page."""
        log.warning("cache damaged", why=str(error))
        self._damage()

    async def look_through(self) -> None:
        await asyncio.sleep(CHECK_AFTER)
        try:
            if not await self._profile.cache_is_sound():
                self.found(Damaged("found by the check after the start"))
        except (DiskFull, Unavailable) as error:
            log.warning("cache not looked through", why=str(error))

    async def mend(self) -> None:
        while True:
            await self._damage.wait()
            pause = await self._troubles.meet(Damaged("a page is not what was written"))
            await self._damage.wait(0)  # what was met meanwhile was met in the old one
            if pause:
                await asyncio.sleep(pause)
                self._damage()
