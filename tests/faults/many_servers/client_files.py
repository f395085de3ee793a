"""What a client has on disk: what it holds of the feed, and its operations with the states they went through."""

import time
from collections import deque
from collections.abc import Iterable
from typing import Any

import msgspec

from contract.feed import FeedItem
from contract.ids import new_id
from contract.operations import Expect, Operation, OperationKind
from contract.verdicts import Verdict
from tests.faults.history.events import Clicked, ClientDump, Kept, Moved, OpLine, Rows, Snapped, Took
from tests.faults.history.facts import FINAL
from tests.faults.many_servers.notebook import Notebook

SHOWN = 8
"""Bookings that people are busy with: the newest."""


class Files:
    """They outlive the client's crashes; whatever is not here does not. A customer's hold no rows: what is left out
    for customers is another test's business."""

    def __init__(self, name: str, user_id: str, notebook: Notebook, *, holds_rows: bool) -> None:
        self.name = name
        self.user_id = user_id
        self.epoch: str | None = None
        self.cursor = 0
        self.bookings: deque[str] = deque(maxlen=SHOWN)
        self.lanes: dict[str, deque[Operation]] = {}
        """What is not judged yet, by booking, in the order of the clicks."""
        self._holds_rows = holds_rows
        self._notebook = notebook
        self._rows: Rows = {}
        self._trails: dict[str, list[str]] = {}

    @property
    def waiting(self) -> int:
        return sum(map(len, self.lanes.values()))

    def asked(self, *, ok: bool) -> None:
        """A request of this client's came to something, or to nothing."""
        self._notebook.asked(self.name, ok=ok)

    def click(self, kind: OperationKind, booking: str | None, payload: Any, expect: str | None = None) -> Operation:
        """Puts an operation on disk."""
        op_id = new_id()
        wanted = None if expect is None else Expect(status=expect)
        operation = Operation(op_id, kind, booking, msgspec.Raw(msgspec.json.encode(payload)), wanted)
        lane, now = booking or op_id, time.time()
        self._notebook.write(
            Clicked(
                at=now, process=self.name, op=op_id, kind=kind, booking=lane, author=self.user_id, expect_status=expect
            )
        )
        self.lanes.setdefault(lane, deque()).append(operation)
        self._trails[op_id] = ["queued"]
        self._notebook.write(Kept(at=now, process=self.name, op=op_id))
        return operation

    def judged(self, lane: str, verdict: Verdict) -> None:
        """A verdict for the first of a lane; one that was told already changes nothing."""
        waiting = self.lanes.get(lane)
        if not waiting or waiting[0].op_id != verdict.op_id or verdict.verdict == "retry":
            return
        waiting.popleft()
        if not waiting:
            del self.lanes[lane]
        state = "rejected" if verdict.verdict == "rejected" else "sent"
        self._trails[verdict.op_id].append(state)
        self._notebook.write(
            Moved(at=time.time(), process=self.name, op=verdict.op_id, state=state, epoch=self.epoch, seq=verdict.seq)
        )

    def apply(self, items: Iterable[FeedItem], to_seq: int) -> None:
        """Lines and position in one go, as a transaction would."""
        new = tuple(self._notebook.plain(item) for item in items if item.seq > self.cursor)
        if to_seq <= self.cursor:
            return
        assert self.epoch is not None
        took = Took(
            at=time.time(),
            process=self.name,
            user=self.user_id,
            epoch=self.epoch,
            from_seq=self.cursor + 1,
            to_seq=to_seq,
            items=new if self._holds_rows else (),
        )
        self._notebook.write(took)
        self.cursor = to_seq
        for item in new:
            self._keep(item)

    def _keep(self, item: FeedItem) -> None:
        if not self._holds_rows:
            return
        if item.row is None:
            self._rows.pop(f"{item.table}/{item.id}", None)
            return
        self._rows[f"{item.table}/{item.id}"] = item.row
        if item.table == "bookings" and item.op == "insert":
            self.bookings.append(item.id)

    def replace(self, epoch: str, seq: int, rows: Rows) -> None:
        """A snapshot in place of all that was held."""
        self.epoch, self.cursor = epoch, seq
        if self._holds_rows:
            self._rows = dict(rows)
            self.bookings.extend(sorted(row["id"] for key, row in rows.items() if key.startswith("bookings/")))
            now = time.time()
            self._notebook.write(Snapped(at=now, process=self.name, user=self.user_id, epoch=epoch, seq=seq, rows=rows))

    def status(self, booking: str) -> str:
        return str(self._rows[f"bookings/{booking}"]["status"])

    def dump(self) -> ClientDump:
        return ClientDump(
            at=time.time(),
            process=self.name,
            user=self.user_id,
            epoch=self.epoch,
            cursor=self.cursor,
            rows=self._rows,
            ops={
                op: OpLine(trail[-1] if trail[-1] in FINAL else "queued", None, tuple(trail))
                for op, trail in self._trails.items()
            },
            sees=None if self._holds_rows else (),
        )
