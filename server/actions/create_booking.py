"""Opens a booking: its row, its first line of history, the workflow's welcome, and the first message if any."""

from typing import Any

import msgspec

from contract.actors import DESK, PROVIDERS
from contract.errors import Refusal
from contract.ids import canonical_code, derived_id, new_code
from contract.moments import to_ms, to_text
from contract.operations import CreateBooking
from contract.workflow import Step, Workflow
from server.actions.asked import Asked, Judged, Rejection, checked_name
from server.actions.message_rows import Line, encode_json, write_message, write_system_message
from server.actions.people_found import find_person
from server.actions.send_message import checked_text
from server.actions.status_steps import write_history
from server.store.transactions import WriteTx

LIMITS = {"customer_name": 200, "customer_phone": 50, "title": 300, "place": 500, "department": 100}
"""Characters."""
MAX_FIELDS = 20_000
"""Bytes of JSON."""


def create_booking(asked: Asked) -> Judged:
    """The booking's id is the operation's. A customer creates for itself only, and leaves code, department and
    priority to the desk."""
    payload = _checked(asked.payload)
    asked.require("booking.create")
    checked_name("payload.workflow", payload.workflow)
    workflow = asked.workflows.get(payload.workflow)
    if workflow is None:
        raise Rejection("workflow_not_found", {"workflow": payload.workflow, "known": list(asked.workflows)})
    if asked.actor.role not in workflow.create_by:
        raise Rejection("forbidden", {"workflow": workflow.name, "may": list(workflow.create_by)})
    message = None if payload.message is None else checked_text(payload.message)
    row = _row(asked, payload, workflow)
    op_id = asked.operation.op_id

    def write() -> None:
        tx = asked.tx
        tx.insert_booking(row)
        write_history(asked, op_id, 1, Step("", "", workflow.first_status, {}), None)
        write_system_message(tx, op_id, derived_id(op_id, "system"), workflow.on_create, row["lang"], op_id)
        if message is not None:
            line = Line(derived_id(op_id, "message"), message, written_at=asked.operation.created_at)
            write_message(tx, op_id, asked.actor, line, op_id)

    return Judged("applied", write, version=1, result={"id": op_id, "code": row["code"]})


def _checked(payload: CreateBooking) -> CreateBooking:
    """Raises Refusal `invalid_payload` for values that no booking can have."""
    for name, limit in LIMITS.items():
        if len(getattr(payload, name) or "") > limit:
            raise _invalid(name, f"Longer than {limit} characters")
    if len(encode_json(payload.fields)) > MAX_FIELDS:
        raise _invalid("fields", f"Longer than {MAX_FIELDS} bytes")
    if not 1 <= payload.priority <= 4:
        raise _invalid("priority", "Expected 1 (most urgent) to 4")
    if payload.code is not None and canonical_code(payload.code) is None:
        raise _invalid("code", "Expected capital letters and digits, such as REQ1759286674249")
    times = {name: _moment(name, getattr(payload, name)) for name in ("scheduled_start", "scheduled_end")}
    return msgspec.structs.replace(payload, **times)


def _moment(name: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return to_text(to_ms(text))
    except (ValueError, OverflowError) as error:
        raise _invalid(name, "Expected a moment with a zone, such as 2026-11-21T08:46:37.123Z") from error


def _invalid(name: str, problem: str) -> Refusal:
    return Refusal("invalid_payload", {"field": f"payload.{name}", "problem": problem})


def _row(asked: Asked, payload: CreateBooking, workflow: Workflow) -> dict[str, Any]:
    tx, actor, own = asked.tx, asked.actor, asked.actor.role == "customer"
    customer = _customer(asked, payload)
    if payload.provider_id is not None:
        find_person(asked, payload.provider_id, PROVIDERS)
    return {
        "id": asked.operation.op_id,
        "code": _code(asked, payload, workflow),
        "workflow": workflow.name,
        "status": workflow.first_status,
        "version": 1,
        "customer_id": customer["id"],
        "customer_name": payload.customer_name or customer["name"],
        "customer_phone": payload.customer_phone,
        "provider_id": payload.provider_id,
        "department": _department(asked, payload, workflow),
        "created_by": actor.user_id,
        "priority": 3 if own else payload.priority,
        "title": payload.title,
        "place": payload.place,
        "scheduled_start": payload.scheduled_start,
        "scheduled_end": payload.scheduled_end,
        "lang": payload.lang or customer["lang"],
        "fields": payload.fields,
        "created_at": tx.now,
        "updated_at": tx.now,
        "status_since": tx.now,
        "op_id": asked.operation.op_id,
    }


def _department(asked: Asked, payload: CreateBooking, workflow: Workflow) -> str | None:
    """The one asked for, else the workflow's; an agent's own where neither says, or its maker could not see it."""
    if asked.actor.role != "customer" and payload.department is not None:
        return payload.department
    own = asked.actor.departments[0] if asked.actor.role == "agent" and asked.actor.departments else None
    return workflow.department or own


def _customer(asked: Asked, payload: CreateBooking) -> dict[str, Any]:
    """Whom the booking is for: {id, name, lang}; at the desk that may be someone without an account."""
    actor = asked.actor
    if actor.role == "customer":
        if payload.customer_id not in (None, actor.user_id):
            raise Rejection("forbidden", {"customer_id": payload.customer_id})
        return {"id": actor.user_id, "name": actor.name, "lang": actor.lang}
    asked.require("booking.create_for_others")
    if payload.customer_id is None:
        return {"id": None, "name": "", "lang": "en"}
    return find_person(asked, payload.customer_id, {"customer"})


def _code(asked: Asked, payload: CreateBooking, workflow: Workflow) -> str:
    tx = asked.tx
    wanted = None if payload.code is None else canonical_code(payload.code)
    if wanted is None:
        return _free_code(tx, workflow.code_prefix)
    if asked.actor.role not in DESK:
        raise Rejection("forbidden", {"code": wanted})
    holder = tx.facts_by_code(wanted)
    if holder is not None and holder.id != asked.operation.op_id:
        raise Rejection("code_taken", {"code": wanted})
    return wanted


def _free_code(tx: WriteTx, prefix: str) -> str:
    """The moment's code, or the next one free: many may be made in one millisecond."""
    at_ms = tx.now_ms
    while tx.facts_by_code(new_code(prefix, at_ms)) is not None:
        at_ms += 1
    return new_code(prefix, at_ms)
