"""What an action is asked, and what it answers: judged first, written only once the verdict is on record."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from contract.actors import Actor
from contract.errors import Refusal
from contract.operations import Operation
from contract.permissions import Action, Sight, may
from contract.verdicts import VerdictKind
from contract.workflow import Workflow
from server.access.visibility import Visibility, sight_as_party
from server.store.bookings import resolve_booking
from server.store.feed import BookingFacts
from server.store.transactions import WriteTx

Workflows = Mapping[str, Workflow]


class Rejection(Exception):
    """The world says no: a code of contract.errors, and what stands instead. Stored as the operation's verdict."""

    def __init__(self, code: str, current: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.current = current


class Judged(msgspec.Struct, gc=False):
    """An action's answer. `write` does what was judged right; it is called once the verdict is recorded."""

    verdict: VerdictKind
    write: Callable[[], None] | None = None
    version: int | None = None
    result: dict[str, Any] | None = None
    code: str | None = None
    current: dict[str, Any] | None = None


MAX_NAME = 100
"""Characters of whatever names something: a device, a step, a status, a person, a department."""


def checked_name(field: str, name: str) -> str:
    """A name as it is; raises Refusal `invalid_payload` for an endless one, which would be stored with its verdict."""
    if len(name) > MAX_NAME:
        raise Refusal("invalid_payload", {"field": field, "problem": f"Longer than {MAX_NAME} characters"})
    return name


NOTHING_TO_DO = Judged("noop")


class Asked(msgspec.Struct, gc=False):
    """One operation, who asks it, and the booking it is about (None: not there, or not named)."""

    tx: WriteTx
    workflows: Workflows
    actor: Actor
    operation: Operation
    payload: Any
    booking: BookingFacts | None

    def booking_in_full_sight(self) -> BookingFacts:
        """The booking; rejects what is invisible as not found, and what is only partly visible as forbidden."""
        booking = self.booking
        if booking is None:
            raise Rejection("booking_not_found")
        if sight_as_party(self.actor, booking) != Sight.FULL:
            seen = Visibility(self.workflows).sight(self.actor, booking)
            raise Rejection("booking_not_found" if seen == Sight.NONE else "forbidden")
        return booking

    def booking_in_sight(self) -> BookingFacts:
        """The booking, of which the actor sees something at least; else rejects as not found."""
        booking = self.booking
        if booking is None or Visibility(self.workflows).sight(self.actor, booking) == Sight.NONE:
            raise Rejection("booking_not_found")
        return booking

    def workflow_of(self, booking: BookingFacts) -> Workflow:
        found = self.workflows.get(booking.workflow)
        if found is None:
            raise Rejection("workflow_not_found", {"workflow": booking.workflow, "known": list(self.workflows)})
        return found

    def require(self, action: Action) -> None:
        """Rejects when the actor's role may not do that."""
        if not may(self.actor.role, action):
            raise Rejection("forbidden", {"action": action, "role": self.actor.role})


def ask(tx: WriteTx, workflows: Workflows, actor: Actor, operation: Operation, payload: Any) -> Asked:
    """Finds the booking by whatever name the operation has for it (X-06)."""
    named = operation.booking_id
    return Asked(tx, workflows, actor, operation, payload, None if named is None else resolve_booking(tx, named))
