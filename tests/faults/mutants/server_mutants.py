"""Rules of the server, each taken out: what the simulation must notice."""

import asyncio
import sys
from typing import Any

import msgspec
import sqlalchemy as sa

import server.actions.mark_read
import server.actions.perform
import server.actions.press_transition
import server.actions.send_message
import server.actions.status_steps
import server.doors.sync.operations
import server.doors.sync.topic
import server.store.backup
import server.store.store
from contract.feed import Beat, SnapshotHead
from contract.frames import EMPTY
from contract.ids import new_id
from contract.moments import to_text
from contract.verdicts import Verdict
from server.access.visibility import Visibility
from server.actions.mark_delivered import mark_delivered
from server.actions.message_rows import write_system_message
from server.actions.receipt_marks import write_marks
from server.doors.sync.operations import Operations
from server.doors.sync.snapshot import SnapshotContents, Snapshots
from server.doors.sync.topic import SyncTopic
from server.realtime.fan_out import FanOut
from server.realtime.recent import Recent
from server.store import retention
from server.store.epoch import present_epoch
from server.store.retention import shorten_feed
from server.store.settings import StoreSettings
from server.store.sqlite import SqliteLink
from server.store.store import Store
from server.store.tables import changes, operations
from server.store.transactions import ReadTx, WriteTx
from tests.faults.mutants.mutant import Mutant

_perform = server.actions.perform.perform
_begin_write = SqliteLink.begin_write
_after = Recent.after
_submit, _beat = Operations.submit, SyncTopic.beat
_item_class = Visibility.item_class
_encode = msgspec.json.encode


def _seen_before(tx: WriteTx, op_id: str, at_least_ms: int) -> bool:
    at = tx.value(sa.select(operations.c.at).where(operations.c.op_id == op_id))
    return at is not None and to_text(tx.now_ms - at_least_ms) >= at


def _performing_again(at_least_ms: int) -> Any:
    """Whatever was seen longer ago than that counts as another operation."""

    def perform(tx: WriteTx, workflows: Any, actor: Any, device: Any, operation: Any, epoch: Any = None) -> Verdict:
        op_id = operation.op_id
        if _seen_before(tx, op_id, at_least_ms):
            operation = msgspec.structs.replace(operation, op_id=new_id())
        return msgspec.structs.replace(_perform(tx, workflows, actor, device, operation, epoch), op_id=op_id)

    return perform


def _commit_later(link: SqliteLink) -> None:
    """Answered now, on the disk with the next."""


def _begin_after_commit(link: SqliteLink) -> None:
    if link.in_transaction:
        link.execute("COMMIT")
    _begin_write(link)


def _commit_nothing(link: SqliteLink) -> None:
    """As if a commit that failed had gone well."""
    link.roll_back()


def _submit_unfenced(self: Operations, actor: Any, request: Any, done: Any) -> int:
    return _submit(self, actor, msgspec.structs.replace(request, epoch=None), done)


def _shorten_from_within(tx: WriteTx, settings: StoreSettings) -> int:
    """The newest but two, instead of the oldest. The database itself refuses that, so its rule goes first."""
    tx.execute(sa.text("DROP TRIGGER IF EXISTS changes_keep_the_newest"))
    newest = tx.value(sa.select(sa.func.max(changes.c.seq)))
    tx.execute(sa.delete(changes).where(changes.c.seq == newest - 2))
    return 0


def _shorten_untold(tx: WriteTx, settings: StoreSettings) -> int:
    tx.read_upto = sys.maxsize
    return shorten_feed(tx, settings)


def _mark_read_downwards(tx: WriteTx, actor: Any, booking_id: str, position: int) -> bool:
    if tx.facts(booking_id) is None:
        return False
    write_marks(tx, actor, booking_id, delivered=position, read=position)
    return True


def _delivered_when_sent(tx: WriteTx, actor: Any, device_id: str, cursor: int) -> int:
    return mark_delivered(tx, actor, device_id, tx.head)


async def _make_torn(self: Snapshots, actor: Any, made: Any) -> None:
    """Rows first, the number that they are said to be of a moment later."""
    contents = SnapshotContents(self._visibility, self._workflows, actor)
    lines = await self._store.read(lambda tx: list(contents.lines(tx)))
    await asyncio.sleep(1.0)
    head = await self._store.read(lambda tx: SnapshotHead(tx.epoch, tx.head, {}))
    made.seq = head.seq
    made.begun.set()
    for line in [_encode(head) + b"\n", *lines[1:]]:
        made.spool.write(line)
    made.spool.end(failed=False)


def _shown_to_all(self: Visibility, actor: Any, change: Any) -> Any:
    return "row" if change.table == "messages" else _item_class(self, actor, change)


def _without_scope(self: Visibility, actor: Any, change: Any) -> Any:
    found = _item_class(self, actor, change)
    return None if found in {"add", "drop"} else found


def _beat_that_vouches(self: SyncTopic, socket: Any) -> bytes:
    """Nothing was sent that could have been lost."""
    answer = _beat(self, socket)
    joined = answer != EMPTY
    return _encode(msgspec.structs.replace(msgspec.json.decode(answer, type=Beat), sent=0)) if joined else answer


def _nothing_written(*_: Any) -> None:
    """The one write that is left out."""


def _write_two(tx: WriteTx, booking_id: str, message_id: str, *rest: Any) -> None:
    write_system_message(tx, booking_id, message_id, *rest)
    write_system_message(tx, booking_id, new_id(), *rest)


def _whole_offers(self: Visibility, actor: Any, change: Any) -> Any:
    found = _item_class(self, actor, change)
    return "row" if found == "redacted" else found


def _skipping_one(self: Recent, cursor: int, actor: Any) -> Any:
    return _after(self, cursor + 1, actor)


SERVER_MUTANTS: dict[str, Mutant] = {
    "no_dedupe": Mutant(
        8, "an operation seen before is not done again",
        ((server.doors.sync.operations, "perform", _performing_again(0)),),
    ),
    "short_dedupe": Mutant(
        8, "it is remembered for ever, not for ten seconds",
        ((server.doors.sync.operations, "perform", _performing_again(10_000)),),
    ),
    "ack_before_commit": Mutant(
        3, "nobody is answered before the commit is on the disk",
        ((SqliteLink, "commit", _commit_later), (SqliteLink, "begin_write", _begin_after_commit)),
    ),
    "ack_without_commit": Mutant(
        0, "a commit that failed is not answered as done", ((SqliteLink, "commit", _commit_nothing),)
    ),
    "no_precondition": Mutant(
        37, "a press is done only to the status it was made on",
        ((server.actions.press_transition, "require_expected", _nothing_written),),
    ),
    "no_server_fence": Mutant(
        17, "what was meant for another history is not done in this one", ((Operations, "submit", _submit_unfenced),)
    ),
    "no_epoch": Mutant(
        13, "a restored database gets a new epoch",
        (
            (server.store.backup, "renew_epoch", present_epoch),
            (server.store.store, "settle_epoch", lambda link, guard: present_epoch(link)),
        ),
    ),
    "no_floor": Mutant(
        16, "who is behind the oldest line takes a snapshot",
        ((Store, "floor", property(lambda store: 0)), (ReadTx, "floor", property(lambda tx: 0))),
    ),
    "prune_from_within": Mutant(
        0, "the feed is shortened at its old end only", ((retention, "shorten_feed", _shorten_from_within),)
    ),
    "prune_untold": Mutant(
        20, "no line is removed before it was told of", ((retention, "shorten_feed", _shorten_untold),)
    ),
    "torn_snapshot": Mutant(
        0, "a snapshot's rows and its number are of one moment", ((Snapshots, "_make", _make_torn),)
    ),
    "no_system_message": Mutant(
        0, "a step writes its system message",
        ((server.actions.status_steps, "write_system_message", _nothing_written),),
    ),
    "two_system_messages": Mutant(
        0, "and only one", ((server.actions.status_steps, "write_system_message", _write_two),)
    ),
    "verdict_without_message": Mutant(
        0, "what is applied is written", ((server.actions.send_message, "write_message", _nothing_written),)
    ),
    "no_push": Mutant(1, "every commit is brought to the sockets", ((FanOut, "publish", _nothing_written),)),
    "offers_show_customers": Mutant(
        9, "a job on offer does not say whose it is",
        ((Visibility, "item_class", _whole_offers), (Visibility, "redact", lambda self, actor, table, row, facts: row)),
    ),
    "no_history": Mutant(
        0, "a step writes its line of the history", ((server.actions.status_steps, "write_history", _nothing_written),)
    ),
    "step_without_booking": Mutant(
        0, "a step moves the booking", ((WriteTx, "update_booking", _nothing_written),)
    ),
    "receipts_go_back": Mutant(
        16, "a mark never moves back", ((server.doors.sync.topic, "mark_read", _mark_read_downwards),)
    ),
    "delivered_when_sent": Mutant(
        0, "delivered is what a device has on its disk",
        ((server.doors.sync.topic, "mark_delivered", _delivered_when_sent),),
    ),
    "notes_to_customers": Mutant(0, "notes are the colleagues' only", ((Visibility, "item_class", _shown_to_all),)),
    "snapshot_shows_all": Mutant(
        5, "a snapshot holds what its asker may see", ((Visibility, "rows_filter", lambda *_: sa.true()),)
    ),
    "no_scope": Mutant(
        3, "who comes to see a booking, or no longer does, is told", ((Visibility, "item_class", _without_scope),)
    ),
    "beat_vouches_for_lost": Mutant(
        0, "a heartbeat says how far was sent", ((SyncTopic, "beat", _beat_that_vouches),)
    ),
    "join_skips_one": Mutant(0, "a join continues where the cursor stands", ((Recent, "after", _skipping_one),)),
}  # fmt: skip
