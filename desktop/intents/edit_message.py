"""Changes the text of a line that was sent."""

from contract.operations import EditMessage
from contract.permissions import may
from desktop.intents.context import IntentContext, IntentRefused
from desktop.intents.send_message import checked_text


def edit_message(context: IntentContext, booking_id: str, message_id: str, text: str) -> str:
    """Returns the operation's id. Raises IntentRefused (text_empty, text_too_long, forbidden), DiskFull."""
    text = checked_text(text)
    if not may(context.who().role, "message.edit"):
        raise IntentRefused("forbidden")
    operation = context.operation("message.edit", booking_id, EditMessage(message_id, text))
    context.outbox.add(operation, booking_id)
    context.committed(booking_id)
    return operation.op_id
