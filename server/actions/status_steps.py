"""Moves a booking along its workflow: the row, its history and the system message, always all three (B-03)."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from contract.actors import DESK
from contract.ids import derived_id
from contract.workflow import Impossible, Step
from server.actions.asked import Asked, Rejection
from server.actions.bid_rows import answer_rest
from server.actions.message_rows import write_system_message
from server.actions.notify import notify
from server.store.feed import BookingFacts
from server.store.prepared import Prepared, prepared_insert
from server.store.status_texts import texts_of_status
from server.store.tables import status_history
from server.store.transactions import WriteTx

_HISTORY = prepared_insert(
    status_history,
    (
        "id",
        "booking_id",
        "version",
        "from_status",
        "to_status",
        "transition",
        "actor_id",
        "actor_name",
        "reason",
        "at",
        "op_id",
    ),
)
_NEWEST = Prepared(
    sa.select(
        status_history.c.actor_id,
        status_history.c.actor_name,
        status_history.c.at,
        status_history.c.transition,
        status_history.c.op_id,
    )
    .where(status_history.c.booking_id == sa.bindparam("booking_id"))
    .order_by(status_history.c.version.desc())
    .limit(1)
)


def take_step(
    asked: Asked, booking: BookingFacts, step: Step, values: Mapping[str, str], also: Mapping[str, Any] | None = None
) -> int:
    """Writes a step judged possible; the booking's new version. `also`: columns that change with it."""
    tx, actor, op_id = asked.tx, asked.actor, asked.operation.op_id
    workflow = asked.workflow_of(booking)
    version = booking.version + 1
    changed: dict[str, Any] = {
        "status": step.to_status,
        "version": version,
        "status_since": tx.now,
        "updated_at": tx.now,
        "op_id": op_id,
        **(also or {}),
    }
    if step.assign_sender and booking.assignee_id is None and actor.role in DESK:
        changed |= {"assignee_id": actor.user_id, "assignee_name": actor.name}
    tx.update_booking(booking.id, changed)
    write_history(asked, booking.id, version, step, values.get("reason"))
    texts = step.texts or texts_of_status(workflow, step.to_status)
    write_system_message(tx, booking.id, derived_id(op_id, "system"), texts, booking.lang, op_id)
    parties = (booking.customer_id, booking.provider_id, booking.assignee_id)
    notify(asked, booking, parties, "status_changed", texts)
    if workflow.bids is not None and step.from_status == workflow.first_status:  # it is on offer no more
        is_given = step.to_status == workflow.transitions[workflow.bids.press].to
        answer_rest(asked, booking, booking.provider_id if is_given else None)
    return version


def write_history(asked: Asked, booking_id: str, version: int, step: Step, reason: str | None) -> None:
    """One step of the history; a new booking's first comes from nowhere by no transition."""
    tx, actor, op_id = asked.tx, asked.actor, asked.operation.op_id
    tx.run(
        _HISTORY,
        (
            derived_id(op_id, "history"),
            booking_id,
            version,
            step.from_status or None,
            step.to_status,
            step.transition or None,
            actor.user_id,
            actor.name,
            reason,
            tx.now,
            op_id,
        ),
    )


def what_stands(tx: WriteTx, booking: BookingFacts) -> dict[str, Any]:
    """For whoever acted on something older: the status now, and who brought it about when by what."""
    found = tx.fetch(_NEWEST, booking.id)
    by, by_name, at, transition, op_id = found[0] if found else (None, "", None, None, None)
    return {
        "status": booking.status,
        "version": booking.version,
        "by": by,
        "by_name": by_name,
        "at": at,
        "transition": transition,
        "op_id": op_id,
    }


def rejection(tx: WriteTx, booking: BookingFacts, found: Impossible) -> Rejection:
    """An impossible step as a rejection that says what stands, and what the engine found wrong."""
    return Rejection(found.code, found.details | what_stands(tx, booking))
