"""How one task tells another that there is something to do."""

import asyncio


class Poke:
    """Pokes between two waits count as one: whoever wakes looks at everything there is."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def __call__(self) -> None:
        self._event.set()

    async def wait(self, timeout: float | None = None) -> bool:
        """Until poked, or for `timeout` seconds; True when poked."""
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
