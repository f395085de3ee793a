"""Asks for older lines of a conversation."""

from desktop.intents.context import IntentContext


def load_older(context: IntentContext, booking_id: str) -> None:
    """They come by way of changes.conversation_changed; so does the news that they cannot be had."""
    context.want_older(booking_id)
