"""Takes back a line that was sent; a tombstone stays in its place (X-14)."""

from contract.operations import RemoveMessage
from contract.permissions import may
from desktop.intents.context import IntentContext, IntentRefused


def remove_message(context: IntentContext, booking_id: str, message_id: str) -> str:
    """Returns the operation's id. Raises IntentRefused (forbidden), DiskFull."""
    if not may(context.who().role, "message.remove"):
        raise IntentRefused("forbidden")
    operation = context.operation("message.remove", booking_id, RemoveMessage(message_id))
    context.outbox.add(operation, booking_id)
    context.committed(booking_id)
    return operation.op_id
