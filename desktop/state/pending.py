"""An operation as the outbox holds it, and which of them still colour what the screen shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contract.delivery import Delivery
from contract.operations import Operation, OperationKind, read_payload
from contract.workflow import Workflow
from desktop.state.op_state import OpState, delivery_of, is_conflict


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """Up to where the cache holds the feed. No epoch: it holds nothing."""

    epoch: str | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class PendingOp:
    local_seq: int
    """Order of the clicks; no clock is trusted for that."""
    operation: Operation
    author_id: str
    lane: str
    """The booking's id: operations of one lane go one after the other."""
    state: OpState
    attempts: int = 0
    hold_until: float = 0.0
    not_before: float = 0.0
    depends_on: str | None = None
    epoch: str | None = None
    seq: int | None = None
    code: str | None = None
    error: str | None = None
    current: dict[str, Any] | None = None

    @property
    def op_id(self) -> str:
        return self.operation.op_id

    @property
    def kind(self) -> OperationKind:
        return self.operation.kind

    @property
    def payload(self) -> Any:
        """In its kind's shape."""
        return read_payload(self.operation)

    @property
    def delivery(self) -> Delivery:
        return delivery_of(self.state, self.kind, self.code)

    @property
    def is_conflict(self) -> bool:
        return self.state == "needs_decision" or (self.state == "rejected" and is_conflict(self.kind, self.code))


@dataclass(frozen=True, slots=True)
class Anew:
    """An operation in the place of one that is given up."""

    operation: Operation
    supersedes: str
    held: bool = False
    hold_until: float = 0.0


def shows(op: PendingOp, position: FeedPosition) -> bool:
    """Whether the screen must add `op` to what is stored: until the feed has passed it, else bubbles would blink."""
    if op.state == "sent":
        return op.epoch == position.epoch and op.seq is not None and op.seq > position.seq
    return op.state != "discarded"


def target_of(op: PendingOp, workflow: Workflow | None) -> str | None:
    """The status a press leads to, None when that cannot be known."""
    if op.kind != "booking.transition" or workflow is None:
        return None
    found = workflow.transitions.get(op.payload.transition)
    return found.to if found else None


def status_after(status: str, ops: Iterable[PendingOp], workflow: Workflow | None) -> str:
    """The status once the server has taken the presses that are on their way, or wait for a yes to one that is."""
    going: set[str] = set()
    for op in ops:
        if op.state in {"queued", "held", "sending", "sent"} or (op.state == "blocked" and op.depends_on in going):
            going.add(op.op_id)
            status = target_of(op, workflow) or status
    return status


def parent_of(operation: Operation, lane: Iterable[PendingOp]) -> str | None:
    """The operation of the same booking, neither sent nor given up, that `operation` was clicked on the strength of:
    the booking's own creation, the press before a press, the message that is changed. Without its creation there is no
    booking, so a creation that was refused counts until a person has decided about it."""
    parent: str | None = None
    message_id = getattr(read_payload(operation), "message_id", None)
    for op in lane:
        going = op.state in {"queued", "held", "sending", "blocked"}
        builds_on_press = op.kind == operation.kind == "booking.transition"
        if op.kind == "booking.create" or (going and (builds_on_press or op.op_id == message_id)):
            parent = op.op_id
    return parent
