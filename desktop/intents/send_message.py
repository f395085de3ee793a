"""Writes a line to the other side, or a note to colleagues."""

from typing import Literal

from contract.operations import MAX_TEXT, SendMessage
from contract.permissions import may
from contract.workflow import takes_messages
from desktop.intents.context import IntentContext, IntentRefused


def send_message(
    context: IntentContext,
    booking_id: str,
    text: str,
    kind: Literal["text", "note"] = "text",
    reply_to: str | None = None,
) -> str:
    """Commits the line and takes its draft away, in one; returns the operation's id, which is the message's too.

    Raises IntentRefused (text_empty, text_too_long, forbidden, booking_not_found, booking_closed), DiskFull. A booking
    that has gone out of sight while its page was open takes no line: the draft stays.
    """
    text = checked_text(text)
    if not may(context.who().role, "message.note" if kind == "note" else "message.send"):
        raise IntentRefused("forbidden")
    booking = context.booking(booking_id)
    workflow = context.workflows.get(booking.workflow)
    if workflow is not None and not takes_messages(workflow, booking.status):
        raise IntentRefused("booking_closed")
    operation = context.operation("message.send", booking_id, SendMessage(text, kind, reply_to))
    context.outbox.add(operation, booking_id, clear_draft=kind)
    context.committed(booking_id)
    return operation.op_id


def checked_text(text: str) -> str:
    """The text as it is sent; raises IntentRefused as the server would."""
    if not text.strip():
        raise IntentRefused("text_empty")
    if len(text) > MAX_TEXT:
        raise IntentRefused("text_too_long")
    return text
