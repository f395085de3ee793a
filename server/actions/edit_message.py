"""Corrects one's own message, for a quarter of an hour."""

import sqlalchemy as sa

from contract.moments import to_ms
from contract.operations import EditMessage
from server.actions.asked import NOTHING_TO_DO, Asked, Judged, Rejection
from server.actions.messages_found import find_message
from server.actions.send_message import checked_text
from server.store.tables import messages

EDITABLE_MS = 15 * 60_000


def edit_message(asked: Asked) -> Judged:
    """Own lines only, not the system's, not removed ones; the same text again is a noop."""
    payload: EditMessage = asked.payload
    booking = asked.booking_in_full_sight()
    asked.require("message.edit")
    found = find_message(asked, booking, payload.message_id)
    if found["sender_id"] != asked.actor.user_id or found["kind"] == "system":
        raise Rejection("forbidden", {"message_id": found["id"]})
    if found["deleted_at"] is not None:
        raise Rejection("message_not_found", {"removed_at": found["deleted_at"]})
    text = checked_text(payload.text, may_be_empty=found["kind"] == "invoice")
    if text == found["message"]:
        return NOTHING_TO_DO
    if asked.tx.now_ms - to_ms(found["created_at"]) > EDITABLE_MS:
        raise Rejection("too_late_to_edit", {"created_at": found["created_at"]})

    def write() -> None:
        asked.tx.execute(
            sa.update(messages)
            .where(messages.c.id == found["id"])
            .values(message=text, edited_at=asked.tx.now, op_id=asked.operation.op_id)
        )

    return Judged("applied", write)
