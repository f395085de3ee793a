"""Rules of the desk, each taken out: what the simulation must notice."""

import asyncio
import dataclasses
from functools import partial
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
from desktop.state.pending import FeedPosition, PendingOp
from desktop.store.cache_position import read_position
from desktop.store.cache_writer import Applied, CacheWriter
from desktop.store.outbox_lanes import OutboxLanes
from desktop.store.outbox_moves import Outcome
from desktop.store.outbox_store import OutboxStore
from desktop.store.read_marks import ReadMarks
from desktop.store.snapshot_staging import SnapshotStaging
from desktop.store.sqlcipher import transaction
from desktop.sync.aftermath import Aftermath
from desktop.sync.backoff import Backoff
from desktop.sync.catch_up import BeatJudged, judge_changes
from desktop.sync.connection import Connection
from desktop.sync.feed import Feed
from desktop.sync.ops_request import ops_request
from desktop.sync.outbox_sender import OutboxSender
from desktop.sync.poke import Poke
from desktop.sync.polling import Polling
from desktop.sync.session import Session
from desktop.sync.verdicts import Ruling, rule_on_error, rule_on_verdict
from tests.faults.mutants.mutant import Mutant

_apply, _showing = CacheWriter.apply, OutboxStore.showing
_finish, _of_snapshot = SnapshotStaging.finish, Aftermath.of_snapshot
_settle, _send = OutboxSender._settle, OutboxSender._send
_failed, _aftermath = Backoff.failed, Aftermath.__init__
_take, _poll, _renew = Feed._take, Polling._poll, Session.renew
_ALL = """SELECT * FROM outbox WHERE author_id = :author AND state IN ('queued', 'sending') ORDER BY local_seq"""


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


async def _interrupted(step: Any) -> Any:
    """What a cut left undone is made good at the next start, as after a kill: there both are taken out, for a kill in
    that very moment is rare."""
    return await step


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


async def _take_old(self: Feed, frames: Any) -> None:
    """Every frame's rows, however old, as if they were the newest."""
    for frame in frames:
        if frame.epoch == self.position.epoch and frame.to_seq <= self.position.seq:
            await self._profile.worker.run(partial(_apply_from_zero, frame.items))
    await _take(self, frames)


def _apply_from_zero(items: Any, cache: CacheWriter) -> None:
    held = read_position(cache.connection)
    module: Any = desktop.store.cache_writer
    module.read_position = lambda _: dataclasses.replace(held, feed=FeedPosition(held.feed.epoch, 0))
    try:
        _apply(cache, items, 0)
    finally:
        module.read_position = read_position


def _snapshot_ahead(staging: SnapshotStaging, epoch: str, seq: int, as_of: str) -> None:
    _finish(staging, epoch, seq + 1, as_of)


def _snapshot_clears_outbox(self: Aftermath, position: Any) -> None:
    with transaction(self._profile.outbox._connection) as connection:
        connection.execute("DELETE FROM outbox WHERE state IN ('queued', 'sending')")
    _of_snapshot(self, position)


def _marks_of_any_history(self: ReadMarks, author_id: str, epoch: str | None) -> dict[str, int]:
    query = "SELECT booking_id, position FROM read_mark WHERE author_id = ?"
    return dict(self._connection.execute(query, (author_id,)).fetchall())


def _deaf_aftermath(self: Aftermath, parts: Any) -> None:
    _aftermath(self, parts)
    self._may_send = Poke()


def _rejected_as_sent(verdict: Any, epoch: str, retry_at: float) -> Ruling:
    ruling = rule_on_verdict(verdict, epoch, retry_at)
    return Ruling("applied", "noop", Outcome(epoch=epoch, seq=0)) if ruling.event == "refused" else ruling


def _fatal_without_token(error: Any, batch: int, retry_at: float) -> Ruling:
    ruling = rule_on_error(error, batch, retry_at)
    return Ruling("unacceptable", "token") if ruling.why == "token" else ruling


async def _authorised_once(self: Session, call: Any) -> Any:
    return await call(await self.token())


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


async def _renew_for_each(self: Session, used: str) -> str:
    """Whoever asks makes a request of their own."""
    self._renewing = asyncio.Lock()
    return await _renew(self, used)


async def _poll_until_answered(self: Polling) -> float:
    """It has worked once, and that is that."""
    wait = await _poll(self)
    return 1e6 if self._link.facts.polling else wait


async def _no_beat(self: Connection, socket: Any) -> None:
    await asyncio.Event().wait()


def _nothing_written(*_: Any) -> None:
    """The one call that is left out."""


async def _nothing_awaited(*_: Any) -> None:
    """The one step that is left out."""


def _believe_beat(position: Any, beat: Any) -> BeatJudged:
    return BeatJudged("move", beat.head) if position.seq < beat.head else BeatJudged("stay")


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
    "memory_outbox": Mutant(7, "what was clicked outlives a crash", ((OutboxLanes, "recover", _forget_unsent),)),
    "claimed_for_ever": Mutant(
        35, "what got no answer is sent again",
        ((OutboxLanes, "recover", _leave_sending), (desktop.store.outbox_lanes, "_is_ready", _ready_if_queued)),
    ),
    "no_lane": Mutant(
        16, "a booking's operations go one after the other", ((desktop.store.outbox_lanes, "_HEADS", _ALL),)
    ),
    "apply_any": Mutant(
        0, "a gap is pulled before anything is applied", ((desktop.sync.feed, "judge_changes", _judge_without_gaps),)
    ),
    "cursor_before_apply": Mutant(
        11, "rows and position are one commit", ((CacheWriter, "apply", _apply_after_cursor),)
    ),
    "old_news_taken": Mutant(47, "what is older than the position is skipped", ((Feed, "_take", _take_old),)),
    "snapshot_runs_ahead": Mutant(
        0, "a snapshot stands where its head says", ((SnapshotStaging, "finish", _snapshot_ahead),)
    ),
    "snapshot_clears_outbox": Mutant(
        0, "a snapshot leaves the outbox alone", ((Aftermath, "of_snapshot", _snapshot_clears_outbox),)
    ),
    "401_is_fatal": Mutant(
        4, "a token that is not taken ends no operation",
        (
            (desktop.sync.outbox_sender, "rule_on_error", _fatal_without_token),
            (Session, "authorised", _authorised_once),
        ),
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
        13, "what a restored server has lost is offered again", ((OutboxStore, "sent_before", lambda *_: []),)
    ),
    "history_begun_and_forgotten": Mutant(
        1040, "also when the snapshot that showed it was cut off at its end",
        ((Aftermath, "of_interruption", _nothing_written), (desktop.sync.feed, "uninterrupted", _interrupted)),
    ),
    "marks_outlive_their_history": Mutant(
        8, "what was read in one history says nothing in the next",
        ((ReadMarks, "unconfirmed", _marks_of_any_history), (ReadMarks, "forget_others", _nothing_written)),
    ),
    "given_up_for_ever": Mutant(
        10620, "what was given up and is there all the same is shown as sent",
        ((OutboxStore, "given_up", lambda *_: []), (desktop.sync.feed, "uninterrupted", _interrupted)),
    ),
    "offered_to_nobody": Mutant(182, "and the sender hears of it", ((Aftermath, "__init__", _deaf_aftermath),)),
    "no_client_fence": Mutant(
        17, "an answer of another history proves nothing in this one",
        ((OutboxSender, "_settle", _settle_unfenced), (OutboxSender, "_send", _send_bare)),
    ),
    "overlay_drops_sent": Mutant(
        0, "what is sent is shown until the feed has passed it", ((OutboxStore, "showing", _hide_sent),)
    ),
    "backoff_gives_up": Mutant(20, "trying never ends", ((Backoff, "failed", _give_up),)),
    "no_backoff": Mutant(
        3, "each failure lengthens the pause", ((desktop.sync.backoff, "wait_before", lambda *_: 0.0),)
    ),
    "token_not_renewed": Mutant(0, "a token is renewed", ((Session, "renew", _renew_nothing),)),
    "token_renewed_twice": Mutant(1, "by one request at a time", ((Session, "renew", _renew_for_each),)),
    "poll_stops": Mutant(22, "polling goes on while there is no socket", ((Polling, "_poll", _poll_until_answered),)),
    "no_heartbeat": Mutant(18, "a socket that is silent is given up", ((Connection, "_beat", _no_beat),)),
    "beat_believed": Mutant(
        0, "a cursor below what was sent has lost a frame", ((desktop.sync.connection, "judge_beat", _believe_beat),)
    ),
    "no_pull": Mutant(0, "what is missing is asked for", ((Feed, "_pull", _nothing_awaited),)),
    "no_scope_fetch": Mutant(
        7, "a booking that came into sight is fetched", ((Feed, "_fetch_wanted", _nothing_awaited),)
    ),
    "echo_ignored": Mutant(
        34, "an operation's own id in the feed makes it sent", ((OutboxStore, "known", lambda *_: []),)
    ),
}  # fmt: skip
