"""Brings the cache in step with the server's feed: applies what comes, pulls what is missing, starts anew when it must.

One lock around all of it: the socket and the polling may both bring news, the cache moves one step at a time. A step
is the commit and what follows from it here: a socket that dies in between must not leave screens and outbox behind, for
the server will not tell again what is already on the disk.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

import structlog

from contract.actors import side_of
from contract.feed import BookingSnapshot, FeedItem, SnapshotEnd, SnapshotHead
from contract.feed import Changes as FeedChanges
from desktop.network.errors import ContractBroken, NotSignedIn, Refused, Unreachable
from desktop.state.lines import Me
from desktop.state.pending import FeedPosition
from desktop.store.cache_writer import Applied
from desktop.sync.aftermath import Aftermath
from desktop.sync.catch_up import judge_changes, judge_page
from desktop.sync.parts import Parts
from desktop.sync.poke import Poke
from desktop.sync.uninterrupted import uninterrupted

START_ANEW = frozenset({"epoch_changed", "behind_floor"})
FETCHES_AT_ONCE = 8
PAGE = 1_000
LONG_STRETCH = 3_000
"""Changes. Up to here the list follows page by page, beyond it once at the end."""
log = structlog.get_logger()


class Feed:
    def __init__(self, parts: Parts, aftermath: Aftermath) -> None:
        self._http = parts.http
        self._session = parts.session
        self._profile = parts.profile
        self._changes = parts.changes
        self._link = parts.link
        self._aftermath = aftermath
        self._lock = asyncio.Lock()
        held = parts.profile.reader.position()
        self.owner_id: str | None = held.owner_id
        """Whose sight the cache holds; None: nobody's."""
        self.position: FeedPosition = held.feed
        self.head = self.position.seq
        """The newest number the server has named."""
        self.told_epoch = ""
        """The history that the server named at the last join."""
        self.moved = Poke()
        """Poked after each commit that moved the position: time to acknowledge."""
        self.resynced = Poke()
        """Poked after each snapshot: time to look whether it is what the server holds."""

    async def belong_to(self, me: Me | None) -> None:
        """The cache holds one person's sight; somebody else's goes first. None: nobody's, nothing is kept."""
        async with self._lock:
            await uninterrupted(self._belong_to(me))

    async def _belong_to(self, me: Me | None) -> None:
        if me is None:
            await self._profile.worker.run(lambda cache: cache.wipe())
            changed = True
        else:
            changed = await self._profile.worker.run(lambda cache: cache.own(me.user_id, side_of(me.role)))
        self.reread()
        if changed:
            self._changes.bookings_changed(None)

    async def take(self, frames: Sequence[FeedChanges]) -> None:
        """Applies pushed changes, oldest first, in one commit as far as they follow on each other."""
        async with self._lock:
            await self._take(frames)

    async def _take(self, frames: Sequence[FeedChanges]) -> None:
        items: list[FeedItem] = []
        reached = self.position
        for frame in frames:
            found = judge_changes(reached, frame)
            if found in {"pull", "resync"}:
                await self._apply(items, reached.seq)
                await (self._pull() if found == "pull" else self._resync())
                return
            if found == "apply":
                items.extend(item for item in frame.items if item.seq > reached.seq)
                reached = FeedPosition(reached.epoch, frame.to_seq)
        await self._apply(items, reached.seq)

    async def pull(self) -> None:
        """Asks for what lies between the position and the head, page by page; a snapshot where there is no feed."""
        async with self._lock:
            await self._pull()

    async def _pull(self) -> None:
        if self.position.epoch is None:
            await self._resync()
            return
        try:
            await self._pull_pages(self.position.epoch)
        except Refused as error:
            if error.code not in START_ANEW:
                raise
            log.info("starting anew", why=error.code)
            await self._resync()

    async def _pull_pages(self, epoch: str) -> None:
        """The next page is on its way while one is applied. Of a long stretch the list's rows come last."""
        page = await self._ask(epoch, self.position.seq)
        settle = self.head - self.position.seq <= LONG_STRETCH
        while True:
            found = judge_page(self.position, page)
            if found == "resync":
                await self._resync()
                return
            if found == "ignore":
                break
            applying = self._apply(page.items, page.to_seq, settle=settle)
            if page.to_seq >= self.head:
                await applying
                break
            applied, answer = await asyncio.gather(applying, self._ask(epoch, page.to_seq), return_exceptions=True)
            # Both have come to their end before the first failure is raised: nothing goes on unwatched.
            if isinstance(applied, BaseException):
                raise applied
            if isinstance(answer, BaseException):
                raise answer
            page = answer
        await self._settle()

    async def _ask(self, epoch: str, after: int) -> FeedChanges:
        ask = partial(self._http.changes, epoch=epoch, after=after, limit=PAGE)
        page = await self._session.authorised(ask)
        self.head = max(self.head, page.head or page.to_seq)
        return page

    async def _settle(self) -> None:
        """Works out what a long stretch, perhaps of an earlier run, left for later."""
        settled: set[str] = set()

        async def some() -> bool:
            ids = await self._profile.worker.run(lambda cache: cache.settle())
            settled.update(ids)
            return bool(ids)

        try:
            while await uninterrupted(some()):
                pass
        finally:
            if settled:
                self._changes.bookings_changed(frozenset(settled))

    async def move_to(self, seq: int, as_of: str) -> None:
        """The server vouches that nothing visible lies between."""
        async with self._lock:
            self.head = max(self.head, seq)
            await uninterrupted(self._move_to(seq, as_of))

    async def _move_to(self, seq: int, as_of: str) -> None:
        self._require_owner()
        await self._profile.worker.run(lambda cache: cache.move_to(seq, as_of))
        self.reread()
        self._link.disk(full=False)

    async def resync(self) -> None:
        """Takes a snapshot in place of all that is held. Raises Unreachable when it is cut; then nothing changes."""
        async with self._lock:
            await self._resync()

    async def fetch_anew(self, booking_ids: Sequence[str]) -> None:
        """Holds these as the server gives them now; those it does not give are forgotten."""
        async with self._lock:
            await self._fetch_wanted(booking_ids)

    async def finish_earlier_work(self) -> None:
        """Bookings in sight but never fetched, rows of the list never worked out: what the last run did not get to."""
        async with self._lock:
            await self._settle()
            await self._fetch_wanted(await self._profile.worker.run(lambda cache: cache.wanted()))

    def settle_history(self) -> None:
        """To be called once the server has confirmed the position's epoch, and before anything is sent to it: what
        earlier histories took and this one lacks comes first, in the order of the clicks."""
        self._aftermath.of_interruption(self.position)

    def _require_owner(self) -> None:
        """What was asked or sent for one person is not put before another. Raises NotSignedIn where somebody else has
        signed in, or nobody is, since the cache was made the owner's."""
        me = self._session.me
        if self.owner_id != (me and me.user_id):
            raise NotSignedIn("unauthorized", "The cache is another person's.", 401)

    # --- inside, under the lock --------------------------------------------------------------------------------------

    async def _apply(self, items: Sequence[FeedItem], to_seq: int, *, settle: bool = True) -> None:
        if to_seq <= self.position.seq:
            return
        wanted = await uninterrupted(self._hold(items, to_seq, settle))
        # Before anything later is applied: a booking fetched now is at least as new as the position.
        await self._fetch_wanted(wanted)

    async def _hold(self, items: Sequence[FeedItem], to_seq: int, settle: bool) -> list[str]:
        """Returns the bookings that came into sight."""
        self._require_owner()
        applied = await self._profile.worker.run(lambda cache: cache.apply(items, to_seq, settle=settle))
        self.head = max(self.head, to_seq)
        self.reread()
        self._link.disk(full=False)
        try:
            self._aftermath.of_changes(applied, self.position)
        finally:  # a full disk keeps the outbox from learning it, not the screens
            self._tell(applied, bookings=settle)
        return sorted(applied.wanted)

    async def _fetch_wanted(self, booking_ids: Sequence[str]) -> None:
        for start in range(0, len(booking_ids), FETCHES_AT_ONCE):
            some = (self._fetch(each) for each in booking_ids[start : start + FETCHES_AT_ONCE])
            ended = await asyncio.gather(*some, return_exceptions=True)
            # Here too: one that came after the lock is free could put back what has changed since it was read.
            for failure in ended:
                if failure is not None:
                    raise failure

    async def _fetch(self, booking_id: str) -> None:
        try:
            found = await self._session.authorised(lambda token: self._http.booking(token, booking_id))
        except Refused as error:
            if error.status != 404:
                raise
            found = None
        await uninterrupted(self._put(booking_id, found))

    async def _put(self, booking_id: str, found: BookingSnapshot | None) -> None:
        self._require_owner()
        self._tell(await self._profile.worker.run(lambda cache: cache.put_booking(booking_id, found)))

    async def _resync(self) -> None:
        try:
            await self._take_snapshot()
        finally:
            self._link.snapshot(0, 0)

    async def _take_snapshot(self) -> None:
        async with self._http.snapshot(await self._session.token()) as lines:
            head = await anext(lines, None)
            if not isinstance(head, SnapshotHead):
                raise Unreachable("The snapshot did not begin.")
            total, rows, complete = sum(head.counts.values()), 0, False
            self._link.snapshot(0, total)
            await self._profile.worker.stage(lambda staging: staging.begin())
            async for part in lines:
                if isinstance(part, SnapshotEnd):
                    complete = part.rows == rows
                    break
                if isinstance(part, SnapshotHead):
                    raise ContractBroken("A snapshot with two beginnings.")
                rows += len(part.rows)
                table, found = part.table, part.rows
                await self._profile.worker.stage(lambda staging: staging.stage(table, found))  # noqa: B023 - awaited here
                self._link.snapshot(rows, total)
        if not complete:
            await self._profile.worker.stage(lambda staging: staging.abandon())
            raise Unreachable("The snapshot was cut.")
        await uninterrupted(self._swap_in(head))
        log.info("snapshot taken", rows=rows, seq=head.seq)

    async def _swap_in(self, head: SnapshotHead) -> None:
        self._require_owner()
        as_of = self._link.server_moment()
        await self._profile.worker.stage(lambda staging: staging.finish(head.epoch, head.seq, as_of))
        self.head = head.seq
        self.reread()
        self._link.disk(full=False)
        try:
            self._aftermath.of_snapshot(self.position)
        finally:
            self._changes.bookings_changed(None)
            self.resynced()

    def reread(self) -> None:
        """Takes the position from the disk, where it cannot be wrong."""
        held = self._profile.reader.position()
        self.owner_id, self.position = held.owner_id, held.feed
        self._link.at(held.feed, self.head, held.as_of)
        self.moved()

    def _tell(self, applied: Applied, *, bookings: bool = True) -> None:
        if applied.broken:
            self._changes.notice("contract_broken", what=f"{applied.broken} rows")
        if applied.bookings and bookings:
            self._changes.bookings_changed(frozenset(applied.bookings))
        for booking_id in applied.conversations:
            self._changes.conversation_changed(booking_id)
