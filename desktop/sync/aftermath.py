"""What the outbox learns from what the cache has just taken: echoes, read marks, presses that were overtaken."""

from collections.abc import Iterable

import structlog

from desktop.state.pending import FeedPosition, PendingOp
from desktop.store.cache_writer import Applied
from desktop.store.outbox_moves import NOTHING, Outcome
from desktop.sync.parts import Parts
from desktop.sync.rebase import overtaken

log = structlog.get_logger()


class Aftermath:
    def __init__(self, parts: Parts) -> None:
        self._profile = parts.profile
        self._session = parts.session
        self._changes = parts.changes
        self._may_send = parts.link.may_send

    def of_changes(self, applied: Applied, position: FeedPosition) -> None:
        """After a stretch of the feed."""
        outbox = self._profile.outbox
        echoed = outbox.known(applied.op_ids) if applied.op_ids else []
        outbox.move_all(
            (op.op_id, "echoed", "in the feed", Outcome(epoch=position.epoch, seq=position.seq)) for op in echoed
        )
        if applied.op_ids:
            outbox.evidence.stored(applied.op_ids)
        if applied.conversations:
            self._note_receipts(applied.conversations)
        if applied.my_reads:
            outbox.marks.confirm(outbox.author_id, applied.my_reads, position.epoch)
        moved = [op.lane for op in echoed] + self._put_overtaken_aside(applied.bookings, position)
        self._tell(moved)

    def of_snapshot(self, position: FeedPosition) -> None:
        """After the whole cache was replaced. What other epochs' servers acknowledged and this one does not show was
        lost with them, or is only out of the snapshot's reach: offered again under its own id, it happens once."""
        outbox, reader = self._profile.outbox, self._profile.reader
        outbox.marks.forget_others(position.epoch)
        unsent = [op for op in outbox.unfinished() if op.state != "rejected"]
        echoed = self._echo([*unsent, *outbox.given_up()], position)
        earlier = outbox.sent_before(position.epoch or "")
        kept = reader.shown_effects(earlier)
        lost = [op for op in earlier if op.op_id not in kept]
        outbox.move_all((op.op_id, "restored", "another epoch", NOTHING) for op in lost)
        outbox.adopt([op.op_id for op in earlier if op.op_id in kept], position.epoch or "", position.seq)
        if lost:
            log.info("offering again", operations=len(lost))
            self._changes.notice("server_restored", resent=len(lost))
            self._may_send()
        self._note_receipts(None)
        lanes = {op.lane for op in [*unsent, *lost]} | echoed
        self._put_overtaken_aside(lanes, position)
        self._tell(lanes)

    def of_interruption(self, position: FeedPosition) -> None:
        """Where a crash or a cut came between the cache's news and the outbox's learning of it: now. The server must
        have confirmed the position's epoch, for a cache may also have lost its newest snapshot. What is still to be
        sent learns it from its verdict; what was given up is sent no more, and would be called so for ever."""
        self._tell(self._echo(self._profile.outbox.given_up(), position))
        if position.epoch is not None and self._profile.outbox.sent_before(position.epoch):
            self.of_snapshot(position)

    def _echo(self, ops: list[PendingOp], position: FeedPosition) -> set[str]:
        """The server has taken those whose rows are here; their lanes."""
        shown = self._profile.reader.shown_effects(ops)
        taken = [op for op in ops if op.op_id in shown]
        outcome = Outcome(epoch=position.epoch, seq=position.seq)
        self._profile.outbox.move_all((op.op_id, "echoed", "in the cache", outcome) for op in taken)
        return {op.lane for op in taken}

    def _note_receipts(self, bookings: Iterable[str] | None) -> None:
        """Who has our lines by now: noted as soon as it is known, since the marks move on. None: of every booking."""
        outbox = self._profile.outbox
        awaiting = outbox.evidence.awaiting(bookings, outbox.author_id)
        if awaiting:
            outbox.evidence.note(self._profile.reader.receipts_of(awaiting))

    def _put_overtaken_aside(self, bookings: Iterable[str], position: FeedPosition) -> list[str]:
        """Presses that the new base makes impossible wait for a person; none is sent on a false picture."""
        outbox, reader, me = self._profile.outbox, self._profile.reader, self._session.me
        if me is None:
            return []
        moved: list[str] = []
        for lane, ops in outbox.showing(bookings, position).items():
            if not any(op.kind == "booking.transition" and op.state in {"queued", "held"} for op in ops):
                continue
            booking = reader.booking(lane)
            workflow = reader.workflows.get(booking.workflow) if booking else None
            if booking is None or workflow is None:
                continue
            lost = overtaken(booking.status, _unpassed(ops), workflow, me.role)
            # One at a time: setting the first aside may strand the next.
            for op_id in lost:
                found = outbox.get(op_id)
                if found is not None and found.state in {"queued", "held"}:
                    outbox.move(op_id, "overtaken", f"the booking is {booking.status}", Outcome(code="stale"))
                    moved.append(lane)
        return moved

    def _tell(self, lanes: Iterable[str]) -> None:
        lanes = set(lanes)
        if lanes:
            self._changes.outbox_changed()
            self._changes.bookings_changed(frozenset(lanes))
            for lane in lanes:
                self._changes.conversation_changed(lane)


def _unpassed(ops: list[PendingOp]) -> list[PendingOp]:
    return [op for op in ops if op.state in {"queued", "held", "sending", "sent"}]
