"""Fetches older lines of a conversation, a page at a time, when someone scrolls up to them."""

import structlog

from contract.feed import MessagePage
from desktop.network.errors import NetworkError
from desktop.network.http import ServerHttp
from desktop.store.errors import StoreError
from desktop.sync.parts import Parts
from desktop.sync.poke import Poke
from desktop.sync.troubles import Troubles
from desktop.sync.uninterrupted import uninterrupted

TRIES = 3
log = structlog.get_logger()


class OlderPages:
    def __init__(self, parts: Parts, troubles: Troubles) -> None:
        self._http: ServerHttp = parts.http
        self._session = parts.session
        self._profile = parts.profile
        self._changes = parts.changes
        self._troubles = troubles
        self._wanted: list[str] = []
        self._poke = Poke()

    def want(self, booking_id: str) -> None:
        """Asks for one more page; the conversation is reported as changed once it is there, or cannot be had."""
        if booking_id not in self._wanted:
            self._wanted.append(booking_id)
        self._poke()

    async def run(self) -> None:
        while True:
            await self._poke.wait()
            while self._wanted:
                # Whoever asks from now on may have seen what comes, and mean the page before it.
                booking_id = self._wanted.pop(0)
                try:
                    await self.load(booking_id)
                except NetworkError as error:
                    log.info("no older lines", why=str(error))
                    self._changes.conversation_changed(booking_id)
                except StoreError as error:
                    await self._troubles.meet(error)
                    self._changes.conversation_changed(booking_id)

    async def load(self, booking_id: str) -> None:
        """Raises Unreachable, Refused, ContractBroken, DiskFull, Unavailable, Damaged."""
        for _ in range(TRIES):
            held = self._profile.reader.lowest_held(booking_id)
            if held is None or not held[1]:
                break
            lowest = held[0]
            page = await self._session.authorised(
                lambda token: self._http.older_messages(token, booking_id, lowest)  # noqa: B023 - awaited here
            )
            # What is held may be another stretch by now, or a line of the page have changed after it was read.
            if await uninterrupted(self._add(booking_id, page, lowest)):
                return
        self._changes.conversation_changed(booking_id)

    async def _add(self, booking_id: str, page: MessagePage, below: int) -> bool:
        fits = await self._profile.worker.run(lambda cache: cache.add_older(booking_id, page, below))
        if fits:
            self._changes.conversation_changed(booking_id)
        return fits
