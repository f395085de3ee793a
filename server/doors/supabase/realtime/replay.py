"""Beyond Supabase: what a channel missed while it was away, told after its rejoin, and receipts for what it has had.

On for channels that ask for it (`config.fieldline.resume`: true, or {"after": seq}), or for all by a setting.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import structlog

from contract.errors import Refusal
from server.actions.mark_received import mark_received
from server.doors.supabase.realtime.part import Part
from server.doors.supabase.realtime.resume_marks import ResumeMarks
from server.doors.supabase.realtime.row_changes import RowChanges
from server.store.feed import Batch
from server.store.past import feed_page, profile_changed_since
from server.store.store import Store
from server.store.transactions import ReadTx, WriteTx

PAGE = 1_000
SCANNED = 20_000
"""Lines of the feed looked through for one channel; whoever was away for longer is told to read its rows anew."""
_log = structlog.get_logger("realtime")
_encode = msgspec.json.Encoder().encode


class Replay:
    """Owned by the loop's thread. `head` is the newest change brought to the channels."""

    def __init__(
        self, store: Store, changes: RowChanges, marks: ResumeMarks, head: Callable[[], int], *, for_all: bool
    ) -> None:
        self._store = store
        self._changes = changes
        self._marks = marks
        self._head = head
        self._for_all = for_all

    def begin(self, part: Part) -> bool:
        """From now on the channel is due every change. Whether there is something to catch up on first."""
        part.upto = part.answered = part.had = self._head()
        request = part.request
        if not request.bindings or not (request.resume or self._for_all):
            return False
        after = request.resume_after if request.resume_after is not None else self._marks.take(part)
        if after is None or after >= part.upto:
            return False
        part.upto = part.answered = part.had = after
        part.held = []
        return True

    async def catch_up(self, part: Part) -> None:
        """Tells what was missed, oldest first and marked, then what has happened meanwhile."""
        whole = part.identity is not None
        while whole and part.channel.live:
            page = await self._store.read(partial(_page, part=part, after=part.upto))
            if page is None:
                whole = False
                break
            for change in page.changes:
                self._changes.tell_missed(part, change)
            part.upto = max(part.upto, page.to_seq)
            if page.to_seq >= self._head() or not page.changes:
                break
        if not part.channel.live:
            return
        if not whole:
            part.upto = self._head()
        held, part.held = part.held or [], None
        for change in held:
            self._changes.tell_missed(part, change)
        part.channel.push("system", _report(part, whole=whole))

    def confirm(self, part: Part) -> None:
        """The client has read the last heartbeat's answer, hence all that was sent before it."""
        settled, part.settled, part.sent = part.settled, part.sent, {}
        part.had, part.answered = part.answered, self._head() if part.held is None else part.upto
        identity = part.identity
        if identity is not None:
            for booking_id, position in settled.items():
                self._store.submit(_receipt(part, booking_id, position), _note_failure)

    def keep(self, part: Part) -> None:
        """The channel has broken off."""
        if part.request.bindings and (part.request.resume or self._for_all):
            self._marks.keep(part, part.had)


def _page(tx: ReadTx, part: Part, after: int) -> Batch | None:
    """The next stretch of the feed; None where only reading the rows anew helps."""
    identity = part.identity
    if identity is None or not tx.floor <= after <= tx.head or tx.head - after > SCANNED:
        return None
    if profile_changed_since(tx, identity.actor.user_id, after):
        return None
    return feed_page(tx, after, PAGE)


def _receipt(part: Part, booking_id: str, position: int) -> Callable[[WriteTx], bool]:
    actor = part.identity.actor if part.identity is not None else None

    def job(tx: WriteTx) -> bool:
        return actor is not None and mark_received(tx, actor, booking_id, position)

    return job


def _report(part: Part, *, whole: bool) -> bytes:
    message = "Missed changes were sent" if whole else "Away for too long: read the rows anew"
    system = {"message": message, "status": "ok", "extension": "fieldline", "channel": part.name.name}
    return _encode({**system, "complete": whole})


def _note_failure(result: Any) -> None:
    """Receipts are not answered; a refused one is healed by the next."""
    if isinstance(result, BaseException) and not isinstance(result, Refusal):
        _log.error("receipt failed", exc_info=result)
