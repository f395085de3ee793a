"""Rules of the desk, each taken out: what the simulation must notice."""

import dataclasses
from typing import Any

import msgspec

import desktop.store.cache_writer
import desktop.store.outbox_lanes
import desktop.sync.backoff
import desktop.sync.connection
import desktop.sync.feed
import desktop.sync.outbox_sender
from contract.ids import new_id
from contract.verdicts import OpsReply
from desktop.state.pending import PendingOp
from desktop.store.cache_position import read_position
from desktop.store.cache_writer import Applied, CacheWriter
from desktop.store.outbox_lanes import OutboxLanes
from desktop.store.outbox_moves import Outcome
from desktop.store.outbox_store import OutboxStore
from desktop.store.snapshot_staging import SnapshotStaging
from desktop.store.sqlcipher import transaction
from desktop.sync.aftermath import Aftermath
from desktop.sync.backoff import Backoff
from desktop.sync.catch_up import judge_changes
from desktop.sync.ops_request import ops_request
from desktop.sync.outbox_sender import OutboxSender
from desktop.sync.session import Session
from desktop.sync.verdicts import Ruling, rule_on_verdict
from tests.faults.mutants.mutant import Mutant

_apply, _showing = CacheWriter.apply, OutboxStore.showing
_finish, _of_snapshot = SnapshotStaging.finish, Aftermath.of_snapshot
_settle, _send = OutboxSender._settle, OutboxSender._send
_failed = Backoff.failed


def _request_with_new_ids(ops: Any, device_id: str, epoch: str | None, link: Any) -> Any:
    """What was tried before goes under another id."""
    return ops_request([op if op.attempts < 2 else _renamed(op) for op in ops], device_id, epoch, link)


def _renamed(op: PendingOp) -> PendingOp:
    return dataclasses.replace(op, operation=msgspec.structs.replace(op.operation, op_id=new_id()))


def _forget_unsent(lanes: OutboxLanes) -> int:
    """As an outbox that was in memory only."""
    with transaction(lanes._connection) as connection:
        return connection.execute("DELETE FROM outbox WHERE state IN ('queued', 'sending')").rowcount


def _leave_sending(lanes: OutboxLanes) -> int:
    return 0


def _ready_if_queued(row: Any, now: float) -> bool:
    return row["state"] != "sending" and desktop.store.outbox_lanes._ready_at(row, now) <= now


def _judge_without_gaps(position: Any, changes: Any) -> str:
    found = judge_changes(position, changes)
    return "apply" if found == "pull" else found


def _apply_after_cursor(cache: CacheWriter, items: Any, to_seq: int, *, settle: bool = True) -> Applied:
    """The position in a commit of its own, before the rows."""
    before = read_position(cache.connection)
    cache.move_to(to_seq, "")
    module: Any = desktop.store.cache_writer
    module.read_position = lambda connection: before
    try:
        return _apply(cache, items, to_seq, settle=settle)
    finally:
        module.read_position = read_position


def _snapshot_ahead(staging: SnapshotStaging, epoch: str, seq: int, as_of: str) -> None:
    _finish(staging, epoch, seq + 1, as_of)


def _snapshot_clears_outbox(self: Aftermath, position: Any) -> None:
    with transaction(self._profile.outbox._connection) as connection:
        connection.execute("DELETE FROM outbox WHERE state IN ('queued', 'sending')")
    _of_snapshot(self, position)


def _rejected_as_sent(verdict: Any, epoch: str, retry_at: float) -> Ruling:
    ruling = rule_on_verdict(verdict, epoch, retry_at)
    return Ruling("applied", "noop", Outcome(epoch=epoch, seq=0)) if ruling.event == "refused" else ruling


def _retry_as_failure(error: Any, batch: int, retry_at: float) -> Ruling:
    return Ruling("unacceptable", "failed")


def _sent_without_answer(error: Any, batch: int, retry_at: float) -> Ruling:
    return Ruling("applied", "applied", Outcome(seq=0))


def _hide_sent(self: OutboxStore, lanes: Any, position: Any) -> dict[str, Any]:
    found = _showing(self, lanes, position)
    return {lane: [op for op in ops if op.state != "sent"] for lane, ops in found.items()}


def _give_up(self: Backoff, retry_after: float | None = None) -> float:
    return 1e6 if self.failures > 2 else _failed(self, retry_after)


async def _renew_nothing(self: Session, used: str) -> str:
    return used


def _settle_unfenced(self: OutboxSender, claimed: Any, reply: OpsReply) -> None:
    """An answer of another history is taken for one of this."""
    _settle(self, claimed, msgspec.structs.replace(reply, epoch=self._feed.position.epoch or reply.epoch))


def _send_bare(self: OutboxSender, request: Any) -> Any:
    return _send(self, msgspec.structs.replace(request, epoch=None))


DESK_MUTANTS: dict[str, Mutant] = {
    "new_id_on_retry": Mutant(
        0, "an operation keeps its id when it is sent again",
        ((desktop.sync.outbox_sender, "ops_request", _request_with_new_ids),),
    ),
    "memory_outbox": Mutant(5, "what was clicked outlives a crash", ((OutboxLanes, "recover", _forget_unsent),)),
    "claimed_for_ever": Mutant(
        16, "what got no answer is sent again",
        ((OutboxLanes, "recover", _leave_sending), (desktop.store.outbox_lanes, "_is_ready", _ready_if_queued)),
    ),
    "apply_any": Mutant(
        0, "a gap is pulled before anything is applied", ((desktop.sync.feed, "judge_changes", _judge_without_gaps),)
    ),
    "cursor_before_apply": Mutant(
        8, "rows and position are one commit", ((CacheWriter, "apply", _apply_after_cursor),)
    ),
    "snapshot_runs_ahead": Mutant(
        2, "a snapshot stands where its head says", ((SnapshotStaging, "finish", _snapshot_ahead),)
    ),
    "snapshot_clears_outbox": Mutant(
        5, "a snapshot leaves the outbox alone", ((Aftermath, "of_snapshot", _snapshot_clears_outbox),)
    ),
    "silent_reject": Mutant(
        1, "a rejection is shown", ((desktop.sync.outbox_sender, "rule_on_verdict", _rejected_as_sent),)
    ),
    "retry_is_failure": Mutant(
        0, "a lost line ends no operation", ((desktop.sync.outbox_sender, "rule_on_error", _retry_as_failure),)
    ),
    "sent_without_answer": Mutant(
        0, "nothing is shown as sent on hope", ((desktop.sync.outbox_sender, "rule_on_error", _sent_without_answer),)
    ),
    "no_replay": Mutant(
        7, "what a restored server has lost is offered again", ((OutboxStore, "sent_before", lambda *_: []),)
    ),
    "no_client_fence": Mutant(
        15, "an answer of another history proves nothing in this one",
        ((OutboxSender, "_settle", _settle_unfenced), (OutboxSender, "_send", _send_bare)),
    ),
    "overlay_drops_sent": Mutant(
        0, "what is sent is shown until the feed has passed it", ((OutboxStore, "showing", _hide_sent),)
    ),
    "backoff_gives_up": Mutant(13, "trying never ends", ((Backoff, "failed", _give_up),)),
    "no_backoff": Mutant(
        3, "each failure lengthens the pause", ((desktop.sync.backoff, "wait_before", lambda *_: 0.0),)
    ),
    "token_not_renewed": Mutant(0, "a token is renewed", ((Session, "renew", _renew_nothing),)),
}  # fmt: skip
