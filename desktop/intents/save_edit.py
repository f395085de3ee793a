"""Keeps a change of a line that is being typed, among the drafts and as one: at most one in a booking."""

import msgspec

from desktop.intents.context import IntentContext
from desktop.intents.save_draft import draft, save_draft
from desktop.state.lines import UnfinishedEdit


def save_edit(context: IntentContext, booking_id: str, edit: UnfinishedEdit | None) -> None:
    """None takes it away. Raises DiskFull."""
    save_draft(context, booking_id, msgspec.json.encode(edit).decode() if edit else "", "edit")


def unfinished_edit(context: IntentContext, booking_id: str) -> UnfinishedEdit | None:
    """What was being changed there; None where nothing was."""
    found = draft(context, booking_id, "edit")
    return msgspec.json.decode(found, type=UnfinishedEdit) if found else None
