"""Takes back a line that the server has not taken."""

import msgspec

from desktop.intents.context import IntentContext
from desktop.intents.discard import discard
from desktop.intents.edit_queued import ask_otherwise


def discard_line(context: IntentContext, op_id: str) -> str:
    """The first line of a booking opened here is only a part of the operation `op_id`, and the rest of it stays: who
    gives up the booking does so where it is named, in the outbox. One that was refused asks before it goes again.
    Returns the line's text. Raises IntentRefused (not_queued, on_its_way), DiskFull."""
    op = context.op(op_id)
    if op.kind != "booking.create":
        return discard(context, op_id)
    ask_otherwise(context, op, msgspec.structs.replace(op.payload, message=None), held=True)
    return op.payload.message or ""
