"""Gives a booking to somebody at the desk or in the field, to another department, or back to the queue."""

from typing import Any

from msgspec import UNSET

from contract.actors import DESK, PROVIDERS
from contract.errors import Refusal
from contract.operations import Assign
from server.actions.asked import NOTHING_TO_DO, Asked, Judged, Rejection, checked_name
from server.actions.people_found import find_person
from server.actions.press_transition import require_expected
from server.store.feed import BookingFacts


def assign(asked: Asked) -> Judged:
    """Agents hand over within their own departments. What stands already is a noop; a booking that somebody moved
    meanwhile is stale where the actor said what it expected."""
    payload: Assign = asked.payload
    booking = asked.booking_in_full_sight()
    asked.require("booking.assign")
    changed = _changed(asked, booking, payload)
    if all(getattr(booking, name) == value for name, value in changed.items() if name != "assignee_name"):
        return NOTHING_TO_DO
    require_expected(asked, booking)
    version = booking.version + 1
    changed |= {"version": version, "updated_at": asked.tx.now, "op_id": asked.operation.op_id}

    def write() -> None:
        asked.tx.update_booking(booking.id, changed)

    return Judged("applied", write, version=version)


def _changed(asked: Asked, booking: BookingFacts, payload: Assign) -> dict[str, Any]:
    """The columns asked for, each checked."""
    found: dict[str, Any] = {}
    if payload.department is not UNSET:
        _check_department(asked, payload.department)
        found["department"] = payload.department
    if payload.assignee_id is not UNSET:
        found |= {"assignee_id": None, "assignee_name": None}
        if payload.assignee_id is not None:
            person = find_person(asked, payload.assignee_id, DESK)
            found |= {"assignee_id": person["id"], "assignee_name": person["name"]}
    if payload.provider_id is not UNSET:
        found["provider_id"] = None
        if payload.provider_id is not None:
            found["provider_id"] = find_person(asked, payload.provider_id, PROVIDERS)["id"]
    return found


def _check_department(asked: Asked, department: str | None) -> None:
    actor = asked.actor
    if department is not None and not checked_name("payload.department", department).strip():
        raise Refusal("invalid_payload", {"field": "payload.department", "problem": "Expected a name, or null"})
    if actor.role == "agent" and department not in actor.departments:
        raise Rejection("forbidden", {"department": department, "own": list(actor.departments)})
