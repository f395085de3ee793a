"""Moves an operation from state to state in the open transaction, with its trail, and what depends on it after it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from desktop.state.op_state import STUCK, WAITING, OpEvent, OpState, event_for_child, next_state

if TYPE_CHECKING:
    from sqlite3 import Connection


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of an operation after a move; None leaves the column as it is."""

    epoch: str | None = None
    seq: int | None = None
    version: int | None = None
    code: str | None = None
    error: str | None = None
    current: dict[str, Any] | None = None
    not_before: float = 0.0
    alone: bool = False
    """Its batch failed as a whole: try it by itself, so that it cannot take others down."""


NOTHING = Outcome()
_DONE: frozenset[OpState] = frozenset({"sent", "discarded"})
_YES = {("held", "queued"), ("needs_decision", "queued")}
"""Moves that a person alone makes."""


def move(
    connection: "Connection", op_id: str, event: OpEvent, why: str, now: float, outcome: Outcome = NOTHING
) -> OpState:
    """Raises IllegalMove, and KeyError for an operation that is not here."""
    row = connection.execute("SELECT state FROM outbox WHERE op_id = ?", (op_id,)).fetchone()
    if row is None:
        raise KeyError(op_id)
    to = next_state(row["state"], event)
    connection.execute(
        """UPDATE outbox SET state = :state, lease_until = 0, hold_until = 0, not_before = :not_before,
               epoch = COALESCE(:epoch, epoch), seq = COALESCE(:seq, seq), version = COALESCE(:version, version),
               code = COALESCE(:code, code), error = COALESCE(:error, error), current = COALESCE(:current, current),
               alone = MAX(alone, :alone), done_at = :done_at
           WHERE op_id = :op_id""",
        {
            "op_id": op_id,
            "state": to,
            "not_before": outcome.not_before,
            "epoch": outcome.epoch,
            "seq": outcome.seq,
            "version": outcome.version,
            "code": outcome.code,
            "error": outcome.error,
            "current": msgspec.json.encode(outcome.current).decode() if outcome.current else None,
            "alone": int(outcome.alone),
            "done_at": now if to in _DONE else None,
        },
    )
    record(connection, op_id, row["state"], to, why, now)
    if event == "restored":
        # Proved by a history that is no more.
        connection.execute("DELETE FROM op_evidence WHERE op_id = ?", (op_id,))
    _follow(connection, op_id, to, now)
    return _wait_for_parent(connection, op_id, now) if event == "confirmed" else to


def first_state(parent: OpState | None, *, held: bool) -> OpState:
    """What builds on something that waits for a person waits with it, else it would overtake it."""
    if held:
        return "held"
    return "queued" if parent is None or parent in WAITING else "blocked"


def begin(connection: "Connection", op_id: str, state: OpState, parent: OpState | None, now: float) -> None:
    """The first of its trail. What waits for a yes of its own waits for its parent first, where that is stuck."""
    record(connection, op_id, None, state, "click", now)
    if state == "held" and parent in STUCK:
        move(connection, op_id, "stranded", f"builds on one that is {parent}", now)


def _wait_for_parent(connection: "Connection", op_id: str, now: float) -> OpState:
    """A yes to what builds on something undecided is kept until that goes on."""
    query = "SELECT state FROM outbox WHERE op_id = (SELECT depends_on FROM outbox WHERE op_id = ?)"
    parent = connection.execute(query, (op_id,)).fetchone()
    if parent is not None and parent["state"] in {*STUCK, "held"}:
        return move(connection, op_id, "stranded", f"builds on one that is {parent['state']}", now)
    return "queued"


def record(connection: "Connection", op_id: str, from_state: str | None, to_state: str, why: str, now: float) -> None:
    """One line of the trail that answers: what happened to my message?"""
    connection.execute("INSERT INTO op_event VALUES (?, ?, ?, ?, ?)", (op_id, now, from_state, to_state, why))


def _follow(connection: "Connection", op_id: str, to: OpState, now: float) -> None:
    """What was clicked on the strength of an operation goes no further than it does. All that is done in a booking is
    done on the strength of its creation, though that was sent by then: a restored server may refuse it."""
    children = connection.execute(
        """SELECT op_id, state, kind FROM outbox
           WHERE depends_on = :op_id OR (lane = :op_id AND op_id <> :op_id AND depends_on IS NULL)""",
        {"op_id": op_id},
    ).fetchall()
    for child in children:
        event = event_for_child(to, child["state"], child["kind"])
        if event == "freed" and _wants_yes(connection, child["op_id"]):
            event = "returned"
        if event == "stranded":
            connection.execute("UPDATE outbox SET depends_on = ? WHERE op_id = ?", (op_id, child["op_id"]))
        if event is not None:
            move(connection, child["op_id"], event, f"{op_id} is {to}", now)


def _wants_yes(connection: "Connection", op_id: str) -> bool:
    """Whether it was pressed where the workflow wants a person's yes, and has not had one."""
    trail = connection.execute("SELECT from_state, to_state FROM op_event WHERE op_id = ?", (op_id,)).fetchall()
    was_held = any(step["to_state"] == "held" for step in trail)
    return was_held and not any((step["from_state"], step["to_state"]) in _YES for step in trail)
