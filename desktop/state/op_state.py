"""The states of an operation in the outbox, and every move between them; any other move is a fault in the program.
docs/states.md has the whole tables; tests/faults/tables holds this file to them, cell by cell.

queued ──claimed──▶ sending ──applied──▶ sent            held: pressed offline where the workflow wants a yes
  ▲ ▲                 │  │  └─refused──▶ rejected        needs_decision: the world changed before it was sent
  │ └────not_taken────┘  └─unacceptable▶ failed          blocked: waits on another operation's decision
  └──confirmed── held, needs_decision, failed
"""

from collections.abc import Mapping
from typing import Literal, get_args

from contract.delivery import Delivery

OpState = Literal["queued", "held", "sending", "sent", "rejected", "needs_decision", "blocked", "failed", "discarded"]
OpEvent = Literal[
    "claimed",
    "applied",
    "refused",
    "unacceptable",
    "not_taken",
    "echoed",
    "confirmed",
    "overtaken",
    "stranded",
    "freed",
    "returned",
    "restored",
    "discarded",
]
OP_STATES: tuple[OpState, ...] = get_args(OpState)
OP_EVENTS: tuple[OpEvent, ...] = get_args(OpEvent)

WAITING: frozenset[OpState] = frozenset({"queued", "sending"})
"""These hold up what comes after them in their lane."""
UNSENT: frozenset[OpState] = frozenset({"queued", "held", "sending", "needs_decision", "blocked"})
"""Whoever signs out now must be told of these."""
UNDECIDED: frozenset[OpState] = frozenset({"held", "rejected", "needs_decision", "failed"})
"""A person must say what becomes of these."""

_MOVES: Mapping[OpEvent, Mapping[OpState, OpState]] = {
    # A sender took it; the request may be on the wire from now on.
    "claimed": {"queued": "sending"},
    # The server's verdict: applied or noop, rejected; or its refusal of the request itself (403, 413, 422).
    "applied": {"sending": "sent"},
    "refused": {"sending": "rejected"},
    "unacceptable": {"sending": "failed"},
    # No verdict: unreachable, 5xx, 401, 429, another epoch, retry, an expired lease, a restart.
    "not_taken": {"sending": "queued"},
    # The feed carries the operation's own id: proof of its effect, whatever was thought of it here.
    "echoed": {
        "queued": "sent",
        "held": "sent",
        "sending": "sent",
        "needs_decision": "sent",
        "blocked": "sent",
        "failed": "sent",
        "discarded": "sent",
    },
    # A person said: send it (again).
    "confirmed": {"held": "queued", "needs_decision": "queued", "failed": "queued"},
    # The new base makes it impossible, and it has never been on the wire.
    "overtaken": {"queued": "needs_decision", "held": "needs_decision", "blocked": "needs_decision"},
    # The operation it builds on came to nothing; later that one was sent after all.
    "stranded": {"queued": "blocked", "held": "blocked"},
    "freed": {"blocked": "queued"},
    # The same, of what has never had the yes that it waits for.
    "returned": {"blocked": "held"},
    # The server was restored to a time before it.
    "restored": {"sent": "queued"},
    # A person said: never. An operation on the wire cannot be called back.
    "discarded": {
        "queued": "discarded",
        "held": "discarded",
        "rejected": "discarded",
        "needs_decision": "discarded",
        "blocked": "discarded",
        "failed": "discarded",
    },
}


class IllegalMove(Exception):
    """A move that the table does not have."""

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"an operation that is {state} cannot be {event}")


def next_state(state: OpState, event: OpEvent) -> OpState:
    """Where `event` takes an operation; raises IllegalMove."""
    found = _MOVES[event].get(state)
    if found is None:
        raise IllegalMove(state, event)
    return found


def sources_of(event: OpEvent) -> tuple[OpState, ...]:
    """The states that `event` may find an operation in."""
    return tuple(_MOVES[event])


STUCK: frozenset[OpState] = frozenset({"rejected", "needs_decision", "failed", "blocked"})
"""What builds on these goes no further before they do."""
_PASSED: frozenset[OpState] = frozenset({"queued", "sent"})


def event_for_child(parent: OpState, child: OpState, kind: str) -> OpEvent | None:
    """What an operation of `kind` in state `child` meets when the one it was clicked on the strength of has come to
    `parent`: it goes no further than that."""
    if parent in STUCK and child in {"queued", "held"}:
        return "stranded"
    if parent in _PASSED and child == "blocked":
        return "freed"
    if parent == "discarded" and child in {"queued", "held", "blocked"}:
        # The change of a message that will never be is nothing; a press made on another press needs a person's eye.
        return "discarded" if kind in {"message.edit", "message.remove"} else "overtaken"
    return None


CONFLICTS: frozenset[str] = frozenset({"stale", "illegal_transition"})
"""Refusals of a press that mean: someone else was quicker."""


def delivery_of(state: OpState, kind: str, code: str | None) -> Delivery:
    """What the glyph beside an operation may promise on the outbox's evidence alone."""
    if state == "rejected":
        return Delivery.CONFLICT if is_conflict(kind, code) else Delivery.FAILED
    return {
        "queued": Delivery.QUEUED,
        "held": Delivery.HELD,
        "blocked": Delivery.HELD,
        "sending": Delivery.SENDING,
        "sent": Delivery.SENT,
        "needs_decision": Delivery.CONFLICT,
        "failed": Delivery.FAILED,
        "discarded": Delivery.FAILED,
    }[state]


def is_conflict(kind: str, code: str | None) -> bool:
    """Whether a rejected operation gets a card that says who did what instead."""
    return kind == "booking.transition" and code in CONFLICTS
