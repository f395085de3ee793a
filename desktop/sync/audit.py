"""Looks now and then whether the cache is what the server holds, and puts right what is not, saying so."""

import asyncio
import random
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from contract.audit import AuditReply, AuditRequest
from desktop.network.errors import NetworkError
from desktop.store.cache_digest import CacheDigest
from desktop.store.errors import StoreError
from desktop.sync.backoff import Backoff
from desktop.sync.feed import Feed
from desktop.sync.parts import Parts
from desktop.sync.troubles import Troubles

WHOLE_UP_TO = 4_000
"""Bookings looked at in one piece; a larger cache is looked at by the endings of ids, about as many each time."""
ENDINGS = tuple(f"{number:02x}" for number in range(256))
FETCH_UP_TO = 200
"""Bookings fetched one by one; where more differ, a snapshot is quicker."""
TRIES = 5
FIRST_AFTER = 0.1
"""Share of the pause after which the first look of a run is taken."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Look:
    held: CacheDigest
    reply: AuditReply

    def differing(self) -> set[str]:
        """Bookings whose rows are not all as they should be."""
        held, served = self.held.bookings, self.reply.bookings or {}
        return {booking_id for booking_id in {*held, *served} if held.get(booking_id) != served.get(booking_id)}


class Audit:
    def __init__(self, parts: Parts, feed: Feed, troubles: Troubles) -> None:
        self._http = parts.http
        self._session = parts.session
        self._profile = parts.profile
        self._changes = parts.changes
        self._link = parts.link
        self._times = parts.times
        self._feed = feed
        self._troubles = troubles
        self._ahead: deque[str] = deque()
        self._agreed = True
        """So have all pieces of this turn so far."""
        self._healing_all = False
        """A snapshot has been taken to heal, and not everything has agreed since."""
        self._backoff = Backoff(parts.times.heartbeat, parts.times.audit)

    async def run(self) -> None:
        wait, everything = self._times.audit * FIRST_AFTER, False
        while True:
            everything = await self._feed.resynced.wait(wait) or everything
            if not self._link.is_live:
                wait = self._times.heartbeat
                continue
            try:
                await self._look_around(everything=everything)
            except (NetworkError, StoreError) as error:
                await asyncio.sleep(await self._troubles.meet(error))
                wait = self._backoff.failed(self._times.heartbeat)
                continue
            self._backoff.reset()
            wait, everything = self._times.audit, False

    async def _look_around(self, *, everything: bool) -> None:
        """At the next pieces, in turn; at all of them after a snapshot. One that could not be looked at stays next."""
        if everything:
            self._ahead.clear()
        for _ in range(self._pieces(everything=everything)):
            self._agreed = await self._look_at(self._ahead[0]) and self._agreed
            self._ahead.popleft()
        if self._agreed and not self._ahead:
            self._healing_all = False

    def _pieces(self, *, everything: bool) -> int:
        """How many of those ahead it is this time."""
        count = self._profile.reader.last_row_number()
        if not self._ahead:
            self._ahead, self._agreed = deque(ENDINGS if count > WHOLE_UP_TO else ("",)), True
            if len(self._ahead) > 1:  # from anywhere: a desk closed before its turn is over would never see the end
                self._ahead.rotate(random.randrange(len(ENDINGS)))  # noqa: S311  (a place to begin, no secret)
        share = len(ENDINGS) if everything else max(1, WHOLE_UP_TO * len(ENDINGS) // max(1, count))
        return min(share, len(self._ahead))

    async def _look_at(self, ending: str) -> bool:
        """Whether it agreed. A row may be ahead of the position for a moment, so only what differs twice is wrong."""
        first = await self._compare(ending, again=False)
        if first is None or first.reply.state == "agreed":
            return first is not None
        await asyncio.sleep(self._times.audit_rest)
        second = await self._compare(ending, again=True)
        if second is not None and second.reply.state == "differs":
            await self._heal(second, first.differing() & second.differing(), ending)
        return second is not None and second.reply.state == "agreed"

    async def _compare(self, ending: str, *, again: bool) -> _Look | None:
        """None when no moment was found that both sides could speak of."""
        for _ in range(TRIES):
            held = await self._profile.digest_cache(ending)
            if held is None or held.position.epoch is None:
                return None
            if held.settled:
                asked = AuditRequest(held.position.epoch, held.position.seq, held.digests, ending, held.older, again)
                reply = await self._session.authorised(lambda token: self._http.audit(token, asked))  # noqa: B023
                if reply.state != "moved":
                    return _Look(held, reply)
            await asyncio.sleep(self._times.heartbeat)
        return None

    async def _heal(self, look: _Look, booking_ids: Iterable[str], ending: str) -> None:
        """Takes what differs from the server. A snapshot that did not help is not taken again until everything has
        agreed once; one that was cut was none."""
        wrong, people = sorted(booking_ids), look.reply.profiles
        if not wrong and people is None:
            return
        self._tell(look, wrong)
        if len(wrong) > FETCH_UP_TO:
            if not self._healing_all:
                await self._feed.resync()
                self._healing_all = True
            return
        await self._feed.fetch_anew(wrong)
        if people is not None:
            await self._profile.worker.run(lambda cache: cache.put_people(people, ending))
            self._changes.bookings_changed(None)

    def _tell(self, look: _Look, wrong: list[str]) -> None:
        for table, served in look.reply.digests.items():
            held = look.held.digests[table]
            if held != served:
                log.warning(
                    "the cache was not what the server holds",
                    table=table,
                    seq=look.held.position.seq,
                    held=[held.rows, held.sum],
                    served=[served.rows, served.sum],
                    bookings=wrong[:20],
                )
        self._changes.notice("cache_corrected", count=len(wrong))
