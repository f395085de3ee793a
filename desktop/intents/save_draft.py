"""Keeps what is being typed."""

from typing import Literal

from desktop.intents.context import IntentContext

DraftKind = Literal["text", "note", "edit"]


def save_draft(context: IntentContext, booking_id: str, text: str, kind: DraftKind = "text") -> None:
    """An empty text takes the draft away. Raises DiskFull."""
    me = context.who()
    before = context.outbox.drafts.text(me.user_id, booking_id, kind)
    if text == before:
        return
    context.outbox.drafts.save(me.user_id, booking_id, text, kind)
    if bool(text.strip()) != bool(before):
        context.changes.bookings_changed(frozenset({booking_id}))


def draft(context: IntentContext, booking_id: str, kind: DraftKind = "text") -> str:
    """What was being typed there; empty where nothing was."""
    return context.outbox.drafts.text(context.who().user_id, booking_id, kind)
