"""Waits until something holds on the desk, looking again whenever the desk says that anything changed."""

import asyncio
from collections.abc import Callable

from desktop.state.changes import Changes
from desktop.sync.poke import Poke

LOOK_AGAIN = 1.0
"""Seconds. What changes by time alone is not told."""


class Watch:
    """Close it by `stop()`."""

    def __init__(self, changes: Changes) -> None:
        self._poke = Poke()
        self.notices: set[str] = set()
        """Keys of the notices given since."""
        self.stop = changes.listen(
            bookings=lambda _: self._poke(),
            conversation=lambda _: self._poke(),
            outbox=self._poke,
            link=lambda _: self._poke(),
            session=lambda _: self._poke(),
            notice=self._note,
        )

    def _note(self, key: str, values: dict[str, object]) -> None:
        self.notices.add(key)
        self._poke()

    async def change(self, seconds: float = LOOK_AGAIN) -> None:
        """Until something changed, or for that long."""
        await self._poke.wait(seconds)

    async def until(self, holds: Callable[[], object], seconds: float) -> bool:
        """Whether it holds, at the latest after `seconds`."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not holds():
            left = end - loop.time()
            if left <= 0:
                return False
            await self.change(min(left, LOOK_AGAIN))
        return True
