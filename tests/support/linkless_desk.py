"""The desk's engine and the server's store, both real, and between them no network but whoever tells the story: what
was sent arrives, is answered and is told of when the test says so, or never."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from contract.feed import Changes as FeedChanges
from contract.feed import FeedItem
from contract.ids import new_id
from contract.moments import to_text
from contract.operations import Payload, PressTransition
from contract.verdicts import OpsReply, Verdict
from desktop.config import DesktopConfig, SyncTimes
from desktop.intents.context import IntentContext, intent_context
from desktop.network.errors import NetworkError
from desktop.state.changes import Changes
from desktop.state.lines import Me
from desktop.state.pending import PendingOp
from desktop.store.snapshot_staging import SnapshotStaging
from desktop.sync.aftermath import Aftermath
from desktop.sync.clock import Clock
from desktop.sync.desk import Desk, build_desk
from server.access.visibility import encode_item
from server.actions.mark_delivered import mark_delivered
from server.actions.mark_read import mark_read
from server.actions.perform import perform
from server.store.tables import bookings, messages, operations, receipts, status_history
from server.store.transactions import WriteTx
from tests.support.writing_desk import WritingDesk

T = TypeVar("T")
SHOWN = {"bookings": bookings, "messages": messages, "status_history": status_history, "receipts": receipts}
_decode_item = msgspec.json.Decoder(FeedItem).decode


class LinklessDesk:
    """Olga sits at the desk. `now` is her clock and turns by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = WritingDesk(folder / "server")
        self.olga = self.server.person("operator", "Olga")
        self.ben = self.server.person("operator", "Ben")
        self.customer = self.server.person("customer", "Ann")
        self.me = Me(self.olga.user_id, "Olga", "operator", "olga@desk.test")
        self.epoch = new_id()
        self.now = 1_700_000_000.0
        self._runner = asyncio.Runner()
        self._told = 0
        self.open()

    # --- the desk ----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Opens the profile that lies in the folder, as a start of the program does."""
        times = SyncTimes(undo=0.0, backoff_first=0.001, backoff_cap=0.002)
        config = DesktopConfig(self.folder / "profile", times=times)
        self.desk: Desk = build_desk(config, Changes(), Clock(lambda: self.now, lambda: self.now))
        self.desk.session._become(self.me, None)
        self.desk.parts.link.happened("signed_in")
        self.context: IntentContext = intent_context(self.desk)
        if self.desk.feed.position.epoch is None:
            self.run(self.desk.feed.belong_to(self.me))
            self.run(self.desk.worker.run(lambda cache: cache.put_workflows(self.server.workflows)))
            self.desk.reader.read_workflows()

    def close_desk(self) -> None:
        self.run(self.desk.parts.http.close())
        self.desk.close()

    def close(self) -> None:
        self.close_desk()
        self.server.writer.close()
        self._runner.close()

    def run(self, task: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(task)

    # --- what Olga sends ---------------------------------------------------------------------------------------------

    def claim(self) -> list[PendingOp]:
        """What the sender takes now, shown as it shows it."""
        self.now += 100.0
        claimed = self.desk.parts.profile.lanes.claim(self.me.user_id, presses=self.desk.parts.link.is_live)
        if claimed:
            self.desk.sender._tell(claimed)
        return claimed

    def judge(self, op: PendingOp) -> Verdict:
        """It reaches the server. Raises Refusal."""
        found = self.server.write(lambda tx: perform(tx, self.server.workflows, self.olga, "desk", op.operation))
        assert isinstance(found, Verdict)
        return found

    def answer(self, ops: list[PendingOp], verdicts: list[Verdict], epoch: str | None = None) -> None:
        """`epoch`: that of the answer, where it is not the server's present one."""
        self.desk.sender._settle(ops, OpsReply(epoch or self.epoch, self.server.writer.head, verdicts))

    def fail(self, ops: list[PendingOp], error: NetworkError) -> None:
        self.desk.sender._settle_all(ops, error)

    # --- what others do ----------------------------------------------------------------------------------------------

    def new_booking(self) -> str:
        return self.server.booking(self.ben, customer_id=self.customer.user_id)

    def ben_presses(self, booking: str, transition: str) -> bool:
        """Whether that could be done."""
        payload: Payload = PressTransition(transition, {"reason": "because"})
        return self.server.do(self.ben, "booking.transition", payload, booking).verdict == "applied"

    def customer_has(self, booking: str, what: str) -> None:
        """All that is there so far, on her device (`delivered`) or her screen (`read`)."""
        head = self.server.writer.head
        if what == "read":
            self.server.write(lambda tx: mark_read(tx, self.customer, booking, 1 << 40))
        else:
            self.server.write(lambda tx: mark_delivered(tx, self.customer, "phone", head))

    # --- what the desk is told ---------------------------------------------------------------------------------------

    def deliver(self, at_most: int = 1 << 40) -> int:
        """The next commits of the feed, one frame each; how many."""
        fresh = self.server.batches[self._told :][:at_most]
        self._told += len(fresh)
        for batch in fresh:
            items = [_decode_item(encode_item(change, "row")) for change in batch.changes]
            self.run(self.desk.feed.take([FeedChanges(self.epoch, batch.from_seq, batch.to_seq, items)]))
        return len(fresh)

    def snapshot(self) -> None:
        """All of it as it is now, in place of what the desk holds."""
        self._told = len(self.server.batches)
        head, worker = self.server.writer.head, self.desk.worker

        async def take() -> None:
            await worker.stage(lambda staging: staging.begin())
            for name, table in SHOWN.items():
                rows = [{str(key): value for key, value in row.items()} for row in self.server.rows(table)]
                await worker.stage(partial(_stage, name=name, rows=rows))
            as_of = to_text(round(self.now * 1000))
            await worker.stage(lambda staging: staging.finish(self.epoch, head, as_of))

        self.run(take())
        assert not self.desk.worker.staging.broken
        self.desk.feed.reread()
        Aftermath(self.desk.parts).of_snapshot(self.desk.feed.position)
        self.desk.changes.bookings_changed(None)

    def restore_server(self, *without: str) -> None:
        """It goes back to a time before these messages, under another epoch, and the desk takes a snapshot of it."""

        def forget(tx: WriteTx) -> None:
            gone = sa.select(messages.c.booking_id).where(messages.c.op_id.in_(without))
            tx.execute(sa.delete(receipts).where(receipts.c.booking_id.in_(gone)))
            for table in (messages, operations):
                tx.execute(sa.delete(table).where(table.c.op_id.in_(without)))

        self.server.write(forget)
        self.server.writer.close()
        self.server = WritingDesk(self.folder / "server")
        self.epoch = new_id()
        self.snapshot()


def _stage(staging: SnapshotStaging, name: str, rows: list[dict[str, Any]]) -> None:
    staging.stage(name, rows)
