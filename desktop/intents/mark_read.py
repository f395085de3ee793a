"""Notes how far a conversation was on the screen, window active, for a second."""

from desktop.intents.context import IntentContext


def mark_read(context: IntentContext, booking_id: str, position: int) -> bool:
    """False where it was read that far before. Raises DiskFull."""
    epoch = context.reader.position().feed.epoch
    if not context.outbox.marks.advance(context.who().user_id, booking_id, position, epoch):
        return False
    context.changes.bookings_changed(frozenset({booking_id}))
    context.poke_marks()
    return True
