"""Fetches older lines of a conversation, a page at a time, when someone scrolls up to them."""

import structlog

from desktop.network.errors import NetworkError
from desktop.network.http import ServerHttp
from desktop.sync.feed import Feed
from desktop.sync.parts import Parts
from desktop.sync.poke import Poke

TRIES = 3
log = structlog.get_logger()


class OlderPages:
    def __init__(self, parts: Parts, feed: Feed) -> None:
        self._http: ServerHttp = parts.http
        self._session = parts.session
        self._profile = parts.profile
        self._changes = parts.changes
        self._feed = feed
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

    async def load(self, booking_id: str) -> None:
        """Raises Unreachable, Refused, ContractBroken."""
        for _ in range(TRIES):
            held = self._profile.reader.lowest_held(booking_id)
            if held is None or not held[1]:
                return
            lowest = held[0]
            page = await self._session.authorised(
                lambda token: self._http.older_messages(token, booking_id, lowest)  # noqa: B023 - awaited here
            )
            # A line of this page may have been changed after it was read, and the feed's word on it been left out.
            if self._feed.missed_below.get(booking_id, 0) <= page.seq:
                await self._profile.worker.run(lambda cache: cache.add_older(booking_id, page))  # noqa: B023 - as above
                return
