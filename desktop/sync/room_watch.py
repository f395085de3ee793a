"""Makes good what a full disk has put off, and says until then that there is no room."""

from collections.abc import Awaitable, Callable

import structlog

from desktop.store.errors import DiskFull, OutboxDamaged, StoreError, Unavailable
from desktop.sync.parts import Parts
from desktop.sync.poke import Poke

log = structlog.get_logger()


class RoomWatch:
    def __init__(self, parts: Parts) -> None:
        self._profile = parts.profile
        self._link = parts.link
        self._changes = parts.changes
        self._retry = parts.times.disk_retry
        self._owed: list[Callable[[], Awaitable[None]]] = []
        self._poke = Poke()
        self._told_low = False

    async def now_or_later(self, step: Callable[[], Awaitable[None]]) -> None:
        """Does `step`, or has it done once there is room. Done twice it must do no harm."""
        try:
            await step()
        except (DiskFull, Unavailable) as error:
            log.warning("put off", why=str(error))
            self._owed.append(step)
            self._link.disk(full=True)
            self._poke()

    async def run(self) -> None:
        if self._profile.put_off:
            await self.now_or_later(self._finish_opening)
        while True:
            whole = await self._make_good() and (self._profile.backed_up or await self._back_up())
            await self._poke.wait(None if whole else self._retry)

    async def _finish_opening(self) -> None:
        self._profile.put_off.again()

    async def _make_good(self) -> bool:
        """Whether nothing is owed any more."""
        while self._owed:
            try:
                await self._owed[0]()
            except (DiskFull, Unavailable):
                self._link.disk(full=True)
                return False
            del self._owed[0]
            self._link.disk(full=False)
        return True

    async def _back_up(self) -> bool:
        """The outbox works without its copy: it is said that there is little room, and not that nothing can be kept.
        Once: a log that is written every few seconds takes the room that is waited for."""
        try:
            await self._profile.make_up_for_backup()
        except OutboxDamaged:
            raise
        except StoreError as error:
            if not self._told_low:
                self._told_low = True
                log.warning("no copy of the outbox yet", why=str(error))
                if isinstance(error, DiskFull):
                    self._changes.notice("disk_low")
            return False
        return True
