"""Beyond Supabase: what a channel missed while it was away, told after its rejoin, and receipts for what it has had.

On for channels that ask for it (`config.fieldline.resume`: true, or {"after": seq, "epoch": epoch}), or for all by a
setting.
"""

import asyncio
from functools import partial

import msgspec

from contract.actors import Actor, Side
from server.actions.mark_received import mark_received
from server.doors.receipts import write_receipt
from server.doors.supabase.realtime.part import Part
from server.doors.supabase.realtime.resume_marks import ResumeMarks, mark_key
from server.doors.supabase.realtime.row_changes import RowChanges
from server.store.feed import Batch
from server.store.past import feed_page, pages_tell_all
from server.store.store import Store
from server.store.transactions import ReadTx

PAGE = 200
SCANNED = 20_000
"""Lines of the feed looked through for one channel; whoever was away for longer is told to read its rows anew."""
UNREAD = 256 * 1024
"""Bytes not taken yet by the client beyond which the next page waits."""
MOST_UNTAKEN = 20_000
"""People whose receipts wait for the store, in memory."""
_LOOK_SECONDS = 0.05
_encode = msgspec.json.Encoder().encode


class Replay:
    """Owned by the loop's thread. What channels have had is counted by what was brought to them, which is a turn of the
    loop behind what our own clients were."""

    def __init__(self, store: Store, changes: RowChanges, marks: ResumeMarks, *, for_all: bool) -> None:
        self._store = store
        self._changes = changes
        self._marks = marks
        self._for_all = for_all
        self._joined: dict[bytes, dict[Part, None]] = {}
        self._untaken: dict[tuple[str, Side], dict[str, list[int]]] = {}
        """Positions of messages that a person has had and the store could not note, by booking: once more with the next
        heartbeat of a channel of theirs, this one or another, for a mark stops before any message that was left out."""

    def begin(self, part: Part) -> bool:
        """From now on the channel is due every change. Whether there is something to catch up on first."""
        part.upto = part.answered = part.had = self._changes.head
        if not self._resumes(part):
            return False
        after = self._after(part)
        self.recognise(part)
        if after is None or after > part.upto:
            self.report(part, whole=False)
            return False
        if after < part.upto:
            part.upto = part.answered = part.had = after
            part.catching_up = True
            return True
        self.report(part, whole=True)
        return False

    def recognise(self, part: Part) -> None:
        """For whom the channel speaks is known: at its join, or since; supabase-js 2.49 shows its token after it."""
        if part.resume_key is None and self._resumes(part):
            part.resume_key = mark_key(part)
            if part.resume_key is not None:
                self._joined.setdefault(part.resume_key, {})[part] = None

    async def catch_up(self, part: Part) -> None:
        """Tells what was missed, oldest first and marked, no faster than it is read; then the channel is live.
        Raises Refusal where the store cannot be read now."""
        whole = True
        while part.channel.live:
            page = await self._store.read(partial(_page, part=part, after=part.upto))
            if page is None:
                part.upto, whole = self._changes.head, False
                break
            for change in page.changes:
                self._changes.tell_missed(part, change)
            part.upto = page.to_seq
            if part.upto >= self._changes.head:
                break
            if not page.changes:
                await asyncio.sleep(_LOOK_SECONDS)
            while part.channel.socket.buffered > UNREAD and part.channel.live:  # noqa: ASYNC110  (no event tells of it)
                await asyncio.sleep(_LOOK_SECONDS)
        part.catching_up = False
        if part.channel.live:
            self._changes.add(part)
            self.report(part, whole=whole)

    def confirm(self, part: Part) -> None:
        """The client has read the last heartbeat's answer, hence all that was sent before it."""
        sent = part.sent_within(part.had, part.answered)
        part.had, part.answered = part.answered, part.upto if part.catching_up else self._changes.head
        part.missed = [one for one in part.missed if one[0] > part.had]
        if part.identity is None:
            return
        actor = part.identity.actor
        received = self._untaken.pop((actor.user_id, actor.side), {})
        for _, booking_id, position in sent:
            received.setdefault(booking_id, []).append(position)
        for booking_id, positions in received.items():
            job = partial(mark_received, actor=actor, booking_id=booking_id, positions=frozenset(positions))
            write_receipt(self._store, job, partial(self._keep, actor, booking_id, positions))

    def end(self, part: Part, *, meant: bool) -> None:
        """The channel has ended: as its client `meant` it to, or to come back."""
        key = part.resume_key
        if key is None:
            return
        del self._joined[key][part]
        if not self._joined[key]:
            del self._joined[key]
        if not meant:
            self._marks.keep(key, part.had)

    def _keep(self, actor: Actor, booking_id: str, positions: list[int]) -> None:
        self._untaken.setdefault((actor.user_id, actor.side), {}).setdefault(booking_id, []).extend(positions)
        if len(self._untaken) > MOST_UNTAKEN:
            del self._untaken[next(iter(self._untaken))]

    def report(self, part: Part, *, whole: bool) -> None:
        """Tells the app whether it has everything, and in which history its seqs count."""
        message = "Nothing is missing" if whole else "Read the rows anew: what was missed is not known"
        told = {"message": message, "status": "ok", "extension": "fieldline", "channel": part.name.name}
        part.channel.push("system", _encode({**told, "complete": whole, "epoch": self._store.epoch}))

    def _resumes(self, part: Part) -> bool:
        return bool(part.request.bindings) and (part.request.resume or self._for_all)

    def _after(self, part: Part) -> int | None:
        """Where the channel left off. A socket that broke off unheard still counts as joined."""
        request = part.request
        if request.resume_after is not None:
            return request.resume_after if request.resume_epoch == self._store.epoch else None
        key = mark_key(part)
        if key is None:
            return None
        kept = self._marks.take(key)
        return min([*(one.had for one in self._joined.get(key, ())), *(() if kept is None else (kept,))], default=None)


def _page(tx: ReadTx, part: Part, after: int) -> Batch | None:
    """The next stretch of the feed; None where only reading the rows anew helps."""
    identity = part.identity
    if identity is None or tx.head - after > SCANNED or not pages_tell_all(tx, identity.actor.user_id, after):
        return None
    return feed_page(tx, after, PAGE)
