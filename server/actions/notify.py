"""Writes notifications: what somebody should know, in the transaction that brings it about, in their own language."""

from collections.abc import Iterable

import sqlalchemy as sa

from contract.ids import derived_id
from contract.rows import Texts
from contract.workflow import in_language
from server.actions.asked import Asked
from server.store.feed import BookingFacts
from server.store.tables import notifications, profiles

KEPT = 200
"""Of one person; of more, the oldest go."""


def notify(
    asked: Asked, booking: BookingFacts, people: Iterable[str | None], kind: str, texts: Texts, subject: str = ""
) -> None:
    """Tells these people, but for whoever does it, of something about a booking. Only businesses whose workflow has
    the feature do so; the others are spared the statements. `subject`: the row that it is about, where
    one operation may tell somebody of several."""
    workflow = asked.workflow_of(booking)
    others = sorted({one for one in people if one not in (None, asked.actor.user_id)})
    if "notifications" not in workflow.features or not others:
        return
    tx, op_id = asked.tx, asked.operation.op_id
    readers = sa.select(profiles.c.id, profiles.c.lang).where(
        profiles.c.id.in_(others), profiles.c.disabled_at.is_(None)
    )
    for reader in tx.rows(readers.order_by(profiles.c.id)):
        row = {
            "id": derived_id(op_id, f"{kind}/{subject}/{reader['id']}"),
            "user_id": reader["id"],
            "kind": kind,
            "title": f"{in_language(workflow.title, reader['lang'])} {booking.code}",
            "message": in_language(texts, reader["lang"]),
            "booking_id": booking.id,
            "created_at": tx.now,
            "op_id": op_id,
        }
        tx.execute(sa.insert(notifications).values(**row))
        tx.execute(sa.delete(notifications).where(notifications.c.id.in_(_too_many(reader["id"], row["id"]))))


def _too_many(user_id: str, written: str) -> sa.Select[tuple[str]]:
    """The oldest by their moments; but never the one just written, which a clock set back makes look the oldest."""
    others = sa.and_(notifications.c.user_id == user_id, notifications.c.id != written)
    newest_first = (notifications.c.created_at.desc(), notifications.c.id.desc())
    return sa.select(notifications.c.id).where(others).order_by(*newest_first).limit(KEPT).offset(KEPT - 1)
