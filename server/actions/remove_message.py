"""Removes a message, leaving a tombstone in its place (X-14)."""

import sqlalchemy as sa

from contract.operations import RemoveMessage
from contract.permissions import may
from server.actions.asked import NOTHING_TO_DO, Asked, Judged, Rejection
from server.actions.messages_found import find_message
from server.store.tables import messages, removed_messages


def remove_message(asked: Asked) -> Judged:
    """One's own, or anyone's for those who may. The text is kept apart for admins and leaves the row, so that no door
    can give it away by mistake; removed already is a noop."""
    payload: RemoveMessage = asked.payload
    booking = asked.booking_in_full_sight()
    asked.require("message.remove")
    found = find_message(asked, booking, payload.message_id)
    own = found["sender_id"] == asked.actor.user_id and found["kind"] != "system"
    if not own and not may(asked.actor.role, "message.remove_any"):
        raise Rejection("forbidden", {"message_id": found["id"]})
    if found["deleted_at"] is not None:
        return NOTHING_TO_DO

    def write() -> None:
        tx, remover = asked.tx, asked.actor.user_id
        invoice = sa.null() if found["invoice_data"] is None else found["invoice_data"]
        tx.execute(
            sa.insert(removed_messages).values(
                message_id=found["id"],
                booking_id=booking.id,
                message=found["message"],
                invoice_data=invoice,
                removed_by=remover,
                removed_at=tx.now,
            )
        )
        tx.execute(
            sa.update(messages)
            .where(messages.c.id == found["id"])
            .values(
                message="",
                texts=sa.null(),
                has_invoice=False,
                invoice_data=sa.null(),
                deleted_at=tx.now,
                deleted_by=remover,
                op_id=asked.operation.op_id,
            )
        )

    return Judged("applied", write)
