"""After an outage: asks the server what would become of the presses made meanwhile, and puts aside what needs a person,
before anything of it is sent."""

from collections.abc import Sequence

import structlog

from contract.moments import to_ms
from contract.operations import MAX_REHEARSED
from contract.verdicts import Verdict
from desktop.network.errors import Busy, ContractBroken, Refused
from desktop.state.pending import PendingOp
from desktop.store.outbox_moves import Outcome
from desktop.sync.feed import Feed
from desktop.sync.ops_request import ops_request
from desktop.sync.parts import Parts

PRESSES = 10
"""Presses made while the desk was not live that are worth a rehearsal however short that was."""
MOST_BYTES = 1_000_000
"""Payloads in one rehearsal."""
log = structlog.get_logger()


class Rehearsal:
    """Once for each time that the desk becomes live again."""

    def __init__(self, parts: Parts, feed: Feed) -> None:
        self._http = parts.http
        self._session = parts.session
        self._outbox = parts.profile.outbox
        self._changes = parts.changes
        self._clock = parts.clock
        self._link = parts.link
        self._times = parts.times
        self._device_id = parts.device_id
        self._feed = feed
        self._away = True
        self._asked: set[str] = set()

    def note(self, *, live: bool) -> None:
        """The desk is live, or is not."""
        self._away = self._away or not live

    async def after_outage(self) -> None:
        """To be called while live, before anything is sent. Raises Unreachable, and is due again then. A server that
        knows no rehearsal, or fails at it, judges everything when it comes."""
        if not self._away:
            return
        ops = self._outbox.unfinished()
        presses = [op for op in ops if op.kind == "booking.transition" and op.attempts == 0]
        presses = [op for op in presses if op.op_id not in self._asked]
        if self._is_due(presses):
            try:
                await self._rehearse(ops, {op.op_id for op in presses})
            except (Refused, Busy, ContractBroken) as error:
                log.info("not rehearsed", why=str(error))
            self._asked.update(op.op_id for op in presses)
            self._tell(presses)
        self._away = False

    def _is_due(self, presses: Sequence[PendingOp]) -> bool:
        """Presses made a while ago were made on a picture of a while ago."""
        oldest = min((to_ms(op.operation.created_at) for op in presses if op.operation.created_at), default=None)
        since = self._clock.wall() - self._times.rehearse_after
        return len(presses) >= PRESSES or (oldest is not None and oldest / 1000 <= since)

    async def _rehearse(self, ops: Sequence[PendingOp], presses: set[str]) -> None:
        chosen = _whole_lanes(ops, presses)
        if not chosen:
            return
        request = ops_request(chosen, self._device_id, self._feed.position.epoch, self._link)
        reply = await self._session.authorised(lambda token: self._http.rehearse(token, request))
        refused = {verdict.op_id for verdict in reply.verdicts if verdict.verdict == "rejected"}
        aside = [
            verdict for verdict in reply.verdicts if verdict.op_id in presses and self._put_aside(verdict, refused)
        ]
        log.info("rehearsed", operations=len(chosen), aside=len(aside))

    def _put_aside(self, verdict: Verdict, refused: set[str]) -> bool:
        """Whether it needs a person. One at a time: what builds on it is blocked with it. Where the booking itself will
        not be made, that is what a person will be asked about."""
        op = self._outbox.get(verdict.op_id)
        if verdict.op_id not in refused or op is None or op.state != "queued" or op.lane in refused:
            return False
        outcome = Outcome(code=verdict.code, error=verdict.message, current=verdict.current)
        self._outbox.move(verdict.op_id, "overtaken", f"rehearsed: {verdict.code}", outcome)
        return True

    def _tell(self, presses: Sequence[PendingOp]) -> None:
        now = [self._outbox.get(op.op_id) for op in presses]
        undecided = [op for op in now if op is not None and op.state == "needs_decision"]
        if not undecided:
            return
        lanes = frozenset(op.lane for op in undecided)
        self._changes.outbox_changed()
        self._changes.bookings_changed(lanes)
        for lane in lanes:
            self._changes.conversation_changed(lane)
        self._changes.notice("decisions_wanted", count=len(undecided))


def _whole_lanes(ops: Sequence[PendingOp], presses: set[str]) -> list[PendingOp]:
    """What would be sent to the bookings of these presses, in the order of the clicks. A booking's operations are
    rehearsed all or not at all, as far as one request goes: what follows hangs on what precedes it."""
    queued = [op for op in ops if op.state == "queued"]
    wanted: set[str] = set()
    count = size = 0
    for lane in dict.fromkeys(op.lane for op in queued if op.op_id in presses):
        lines = [op for op in queued if op.lane == lane]
        count += len(lines)
        size += sum(len(bytes(op.operation.payload)) for op in lines)
        if count > MAX_REHEARSED or size > MOST_BYTES:
            break
        wanted.add(lane)
    return [op for op in queued if op.lane in wanted]
