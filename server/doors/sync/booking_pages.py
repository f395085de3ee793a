"""One booking's rows for our own clients: all that the asker may see of it, and older messages page by page."""

from typing import Any

import sqlalchemy as sa

from contract.actors import Actor
from contract.feed import BookingSnapshot, MessagePage
from contract.permissions import Sight
from server.access.visibility import Visibility
from server.doors.seen_booking import seen_booking
from server.store.feed import BookingFacts
from server.store.tables import bookings, messages, profiles, receipts, status_history
from server.store.transactions import ReadTx

NEWEST = 200
"""Messages of a booking asked for by itself."""


def booking_snapshot(tx: ReadTx, visibility: Visibility, actor: Actor, reference: str) -> BookingSnapshot:
    """By id or code; raises Refusal `booking_not_found` for what is not there and for what is not to be seen."""
    facts = seen_booking(tx, visibility, actor, reference, Sight.REDACTED)
    own = _rows_of(tx, visibility, actor, bookings, facts)
    newest, more = _newest_messages(tx, visibility, actor, facts, None, NEWEST)
    tables = {
        "bookings": [visibility.redact(actor, "bookings", row, facts) for row in own],
        "messages": newest,
        "status_history": _rows_of(tx, visibility, actor, status_history, facts),
        "receipts": _rows_of(tx, visibility, actor, receipts, facts),
    }
    people = {facts.customer_id, facts.provider_id, facts.assignee_id, *(row["sender_id"] for row in newest)}
    tables["profiles"] = tx.rows(
        sa.select(profiles).where(
            profiles.c.id.in_(sorted(person for person in people if person)), visibility.rows_filter(actor, profiles)
        )
    )
    return BookingSnapshot(tx.epoch, tx.head, tables, more)


def message_page(
    tx: ReadTx, visibility: Visibility, actor: Actor, reference: str, before: int | None, limit: int
) -> MessagePage:
    """The `limit` messages before that position, oldest first; the newest with None."""
    facts = seen_booking(tx, visibility, actor, reference, Sight.FULL)
    rows, more = _newest_messages(tx, visibility, actor, facts, before, limit)
    return MessagePage(tx.epoch, tx.head, rows, more)


def _rows_of(
    tx: ReadTx, visibility: Visibility, actor: Actor, table: sa.Table, facts: BookingFacts
) -> list[dict[str, Any]]:
    key = table.c.id if table is bookings else table.c.booking_id
    order = table.c.version if table is status_history else table.c.id
    return tx.rows(sa.select(table).where(key == facts.id, visibility.rows_filter(actor, table)).order_by(order))


def _newest_messages(
    tx: ReadTx, visibility: Visibility, actor: Actor, facts: BookingFacts, before: int | None, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """Oldest first, and whether there are older ones."""
    statement = sa.select(messages).where(messages.c.booking_id == facts.id, visibility.rows_filter(actor, messages))
    if before is not None:
        statement = statement.where(messages.c.position < before)
    rows = tx.rows(statement.order_by(messages.c.position.desc()).limit(limit + 1))
    return rows[:limit][::-1], len(rows) > limit
