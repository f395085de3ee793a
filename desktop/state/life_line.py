"""The life line of one operation: what is known to have happened to it, when, and on which evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from contract.moments import to_text
from desktop.state.pending import PendingOp

LifeName = Literal["typed", "on_disk", "on_wire", "stored", "delivered", "read"]
Proof = Literal["click", "author_clock", "outbox", "attempt", "feed", "verdict", "row", "receipt", "nothing"]
"""click: this computer's clock when it was written. author_clock: the same, on the author's computer. outbox: the
commit to this disk. attempt: the request that was begun. feed: the change in the server's feed. verdict: the server's
answer. row: the server's row as held here. receipt: the other side's mark. nothing: not known to have happened."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the server's feed proved of an operation of ours; moments are the server's."""

    moment: str | None
    seq: int | None = None
    position: int | None = None
    by: str = ""
    """Whose receipt it is."""


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One line of the outbox's trail."""

    at: str
    """By this computer's clock."""
    from_state: str | None
    to_state: str
    why: str


@dataclass(frozen=True, slots=True)
class StoredRow:
    """The row that the operation made at the server, as the cache holds it."""

    at: str
    kind: str
    text: str = ""
    position: int | None = None
    author: str = ""
    author_at: str | None = None
    """When it was written, by the clock of whoever wrote it."""


@dataclass(frozen=True, slots=True)
class LifeStep:
    """`at` None: not known to have happened (yet)."""

    name: LifeName
    at: str | None = None
    proof: Proof = "nothing"
    values: Mapping[str, str | int] = field(default_factory=dict)
    """What the evidence names: seq, position, attempts, by."""


@dataclass(frozen=True, slots=True)
class LifeLine:
    op_id: str
    kind: str
    booking_id: str | None
    booking_code: str
    state: str
    """The outbox's word; `stored` for what was not written on this computer."""
    what: str
    error: str | None
    steps: tuple[LifeStep, ...]
    trail: tuple[TrailEvent, ...] = ()
    code: str | None = None
    """Why it was refused, as contract.errors names it."""


def life_steps(
    op: PendingOp | None,
    trail: Sequence[TrailEvent],
    row: StoredRow | None,
    proved: Mapping[str, Evidence],
    *,
    has_readers: bool,
) -> tuple[LifeStep, ...]:
    """`proved`: by step name, what the feed told when it told it. Without `has_readers` (a button, a note) nobody's
    receipt is part of the life."""
    steps = [_typed(op, row), _on_disk(op, trail), _on_wire(op, trail), _stored(op, trail, row, proved)]
    if op is None:
        steps = [step for step in steps if step.name not in {"on_disk", "on_wire"}]
    if has_readers:
        read = _received("read", proved.get("read"))
        # Nothing is read that did not arrive: a read mark alone proves both.
        delivered = _received("delivered", proved.get("delivered") or proved.get("read"))
        steps += [delivered, read]
    return tuple(steps)


def _typed(op: PendingOp | None, row: StoredRow | None) -> LifeStep:
    if op is not None:
        return LifeStep("typed", op.operation.created_at, "click")
    if row is not None and row.author_at is not None:
        return LifeStep("typed", row.author_at, "author_clock", {"by": row.author})
    return LifeStep("typed")


def _on_disk(op: PendingOp | None, trail: Sequence[TrailEvent]) -> LifeStep:
    first = trail[0] if trail else None
    if op is None or first is None:
        return LifeStep("on_disk")
    return LifeStep("on_disk", first.at, "outbox", {"number": op.local_seq})


def _on_wire(op: PendingOp | None, trail: Sequence[TrailEvent]) -> LifeStep:
    """The newest attempt: the one that was answered, if any was."""
    begun = [event for event in trail if event.to_state == "sending"]
    if op is None or not begun:
        return LifeStep("on_wire")
    return LifeStep("on_wire", begun[-1].at, "attempt", {"attempts": len(begun)})


def _stored(
    op: PendingOp | None, trail: Sequence[TrailEvent], row: StoredRow | None, proved: Mapping[str, Evidence]
) -> LifeStep:
    place: dict[str, str | int] = {} if row is None or row.position is None else {"position": row.position}
    found = proved.get("stored")
    if found is not None and found.seq is not None:
        return LifeStep("stored", row.at if row else found.moment, "feed", {"seq": found.seq, **place})
    if op is not None and op.state == "sent" and op.seq:
        answered = next((event.at for event in reversed(trail) if event.to_state == "sent"), None)
        return LifeStep("stored", row.at if row else answered, "verdict", {"seq": op.seq, **place})
    return LifeStep("stored", row.at, "row", place) if row is not None else LifeStep("stored")


def _received(name: Literal["delivered", "read"], found: Evidence | None) -> LifeStep:
    if found is None:
        return LifeStep(name)
    return LifeStep(name, found.moment, "receipt", {"by": found.by, "position": found.position or 0})


def moment_of(seconds: float) -> str:
    """time.time() as moments are shown."""
    return to_text(round(seconds * 1000))
