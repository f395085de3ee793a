"""Sends what is in the outbox, each booking's operations in the order of the clicks, until the server has answered."""

import asyncio

import msgspec
import structlog

from contract.frames import SYNC_TOPIC
from contract.verdicts import OpsReply, OpsRequest, Verdict
from desktop.network.errors import Busy, ContractBroken, NetworkError, NotSignedIn, Refused
from desktop.state.op_state import OpEvent
from desktop.state.pending import PendingOp
from desktop.store.errors import DiskFull, Unavailable
from desktop.store.outbox_moves import Outcome
from desktop.sync.backoff import Backoff
from desktop.sync.connection import Connection
from desktop.sync.feed import Feed
from desktop.sync.ops_request import ops_request
from desktop.sync.parts import Parts
from desktop.sync.poison import PoisonWatch
from desktop.sync.rehearsal import Rehearsal
from desktop.sync.verdicts import Ruling, rule_on_error, rule_on_verdict

_encode = msgspec.json.Encoder().encode
log = structlog.get_logger()


class OutboxSender:
    """One request at a time. Nothing is tried while nothing says that it would arrive."""

    def __init__(self, parts: Parts, feed: Feed, connection: Connection) -> None:
        self._http = parts.http
        self._session = parts.session
        self._outbox = parts.profile.outbox
        self._lanes = parts.profile.lanes
        self._link = parts.link
        self._changes = parts.changes
        self._clock = parts.clock
        self._times = parts.times
        self._device_id = parts.device_id
        self._feed = feed
        self._connection = connection
        self._backoff = Backoff(parts.times.backoff_first, parts.times.backoff_cap)
        self._disk_was_full = False
        self._poison = PoisonWatch()
        self.rehearsal = Rehearsal(parts, feed)
        self.poke = parts.link.may_send
        """Poke it after each click."""

    async def run(self) -> None:
        while True:
            try:
                if self._disk_was_full:
                    # What was answered could not be noted: ask again, the server knows what it has.
                    self._lanes.recover()
                    self._link.disk(full=False)
                    self._disk_was_full = False
                sent = self._may_send() and await self._send_some()
            except (DiskFull, Unavailable):
                self._disk_was_full = True
                self._link.disk(full=True)
                await asyncio.sleep(self._times.disk_retry)
                continue
            if not sent:
                await self.poke.wait(self._until_next())

    def _may_send(self) -> bool:
        """Where the cache is of no history yet, what this person's earlier servers took may be missing from the present
        one. It must come first then, and the snapshot tells."""
        if not self._link.can_send:
            return False
        return self._feed.position.epoch is not None or not self._outbox.sent_before(self._feed.told_epoch)

    def _until_next(self) -> float | None:
        """Seconds until an operation's waiting time is over."""
        if not self._may_send():
            return None
        ready = self._lanes.next_ready_at(self._outbox.author_id)
        if ready is None or (ready <= self._clock.wall() and not self._link.is_live):
            return None
        return max(0.0, ready - self._clock.wall()) + 0.01

    async def _send_some(self) -> bool:
        """False when nothing was ready. While the cache is behind, presses wait: they must be judged on the newest."""
        if self._link.is_live:
            try:
                await self.rehearsal.after_outage()
            except NetworkError as error:
                await self._recover(error)
                return True
        claimed = self._lanes.claim(self._outbox.author_id, presses=self._link.is_live)
        if not claimed:
            return False
        self._tell(claimed)
        request = ops_request(claimed, self._device_id, self._feed.position.epoch, self._link)
        try:
            reply = await self._send(request)
        except NetworkError as error:
            self._settle_all(claimed, error)
            await self._recover(error)
            return True
        self._backoff.reset()
        self._settle(claimed, reply)
        return True

    async def _send(self, request: OpsRequest) -> OpsReply:
        """By the joined socket, over HTTP where there is none."""
        socket = self._connection.joined
        if socket is not None:
            return await socket.request(SYNC_TOPIC, "ops", _encode(request), OpsReply, self._times.request)
        return await self._session.authorised(lambda token: self._http.ops(token, request))

    def _settle(self, claimed: list[PendingOp], reply: OpsReply) -> None:
        if self._feed.position.epoch not in {None, reply.epoch}:
            # An answer out of another history proves nothing here.
            self._settle_all(claimed, Refused("epoch_changed", "The server's history was replaced."))
            self._connection.drop()
            return
        verdicts = {verdict.op_id: verdict for verdict in reply.verdicts}
        answers = [verdicts.get(op.op_id, Verdict(op.op_id, "retry")) for op in claimed]
        rulings = [
            self._poison.ruling(op.op_id, answer, 1, rule_on_verdict(answer, reply.epoch, self._retry_at(op)))
            for op, answer in zip(claimed, answers, strict=True)
        ]
        self._move(claimed, rulings)

    def _settle_all(self, claimed: list[PendingOp], error: NetworkError) -> None:
        log.info("operations not taken", operations=len(claimed), kind=type(error).__name__, why=str(error))
        least = (error.retry_after if isinstance(error, Busy) else None) or 0.0
        batch = len(claimed)
        rulings = [
            self._poison.ruling(op.op_id, error, batch, rule_on_error(error, batch, self._retry_at(op, least)))
            for op in claimed
        ]
        self._move(claimed, rulings)

    def _retry_at(self, op: PendingOp, least: float = 0.0) -> float:
        """time.time() at which `op` may go again."""
        wait = min(self._times.backoff_cap, self._times.backoff_first * 2.0 ** min(op.attempts, 7))
        return self._clock.wall() + max(least, wait)

    def _move(self, claimed: list[PendingOp], rulings: list[Ruling]) -> None:
        moves: list[tuple[str, OpEvent, str, Outcome]] = []
        for op, ruling in zip(claimed, rulings, strict=True):
            # The feed may have been quicker than the verdict; then it stands as sent already. Somebody else may have
            # signed in; then it is theirs who clicked all the same.
            if self._outbox.state_of(op.op_id) == "sending":
                moves.append((op.op_id, ruling.event, ruling.why, ruling.outcome))
        self._outbox.move_all(moves)
        self._tell(claimed)

    async def _recover(self, error: NetworkError) -> None:
        """What must happen before the next try; how long a single operation waits is its own not_before."""
        if isinstance(error, NotSignedIn):
            if self._connection.joined is not None:
                self._connection.drop()
        elif isinstance(error, Refused) and error.code == "epoch_changed":
            self._connection.drop()
        elif isinstance(error, ContractBroken):
            self._changes.notice("contract_broken", what=str(error))
        await self.poke.wait(self._backoff.failed())

    def _tell(self, ops: list[PendingOp]) -> None:
        self._changes.outbox_changed()
        lanes = frozenset(op.lane for op in ops)
        self._changes.bookings_changed(lanes)
        for lane in lanes:
            self._changes.conversation_changed(lane)
