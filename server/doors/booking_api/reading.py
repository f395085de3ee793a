"""Rows for the seeds' apps, cut to what the asker may see."""

from typing import Any

import msgspec
import sqlalchemy as sa

from contract.actors import Actor
from contract.errors import Refusal
from contract.ids import canonical_id
from server.access.visibility import Visibility
from server.doors.booking_api.shapes import seed_booking, seed_message
from server.store.bookings import resolve_booking
from server.store.feed import BookingFacts
from server.store.tables import bookings, messages
from server.store.transactions import ReadTx


class Page(msgspec.Struct, frozen=True):
    """Which part of a list is asked for. `before` and `after` are positions or message ids."""

    limit: int
    before: str | None = None
    after: str | None = None


def message_page(
    tx: ReadTx, visibility: Visibility, actor: Actor, facts: BookingFacts, page: Page
) -> tuple[list[dict[str, Any]], bool]:
    """(messages oldest first, whether there are more): the newest ones, those before, or those after a message."""
    mine = sa.select(messages).where(messages.c.booking_id == facts.id, visibility.rows_filter(actor, messages))
    if page.after is not None:
        low = _position(tx, facts, "after", page.after)
        statement = mine.where(messages.c.position > low).order_by(messages.c.position)
    else:
        statement = mine.order_by(messages.c.position.desc())
        if page.before is not None:
            statement = statement.where(messages.c.position < _position(tx, facts, "before", page.before))
    rows = tx.rows(statement.limit(page.limit + 1))
    kept = rows[: page.limit]
    if page.after is None:
        kept.reverse()
    return [message_shown(visibility, actor, row, facts) for row in kept], len(rows) > page.limit


def _position(tx: ReadTx, facts: BookingFacts, name: str, value: str) -> int:
    if value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    message_id = canonical_id(value)
    if message_id is None:
        raise Refusal("invalid_payload", {"field": name, "problem": "Expected a position or a message's id"})
    found = tx.one(sa.select(messages.c.position).where(messages.c.id == message_id, messages.c.booking_id == facts.id))
    if found is None:
        raise Refusal("message_not_found", {"field": name})
    return int(found["position"])


def message_shown(visibility: Visibility, actor: Actor, row: dict[str, Any], facts: BookingFacts) -> dict[str, Any]:
    return seed_message(visibility.redact(actor, "messages", row, facts))


def message_by_id(tx: ReadTx, visibility: Visibility, actor: Actor, message_id: str) -> dict[str, Any]:
    """One message; Refusal `message_not_found` when there is none the asker may see."""
    row = tx.one(sa.select(messages).where(messages.c.id == message_id))
    facts = resolve_booking(tx, row["booking_id"]) if row else None
    if row is None or facts is None or not visibility.sees_row(actor, "messages", row, facts):
        raise Refusal("message_not_found")
    return message_shown(visibility, actor, row, facts)


def booking_by_id(tx: ReadTx, visibility: Visibility, actor: Actor, facts: BookingFacts) -> dict[str, Any]:
    row = tx.one(sa.select(bookings).where(bookings.c.id == facts.id))
    if row is None:
        raise Refusal("booking_not_found")
    return booking_shown(visibility, actor, row)


def booking_shown(visibility: Visibility, actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    facts = BookingFacts(**{name: row[name] for name in BookingFacts.__struct_fields__})
    return seed_booking(visibility.redact(actor, "bookings", row, facts))


def system_message(
    tx: ReadTx, visibility: Visibility, actor: Actor, facts: BookingFacts, op_id: str | None
) -> dict[str, Any] | None:
    """The system message that operation `op_id` posted; with None, or when it posted none, the booking's newest."""
    system = sa.select(messages).where(messages.c.booking_id == facts.id, messages.c.kind == "system")
    newest = system.order_by(messages.c.position.desc()).limit(1)
    row = tx.one(newest.where(messages.c.op_id == op_id)) if op_id else None
    row = row or tx.one(newest)
    return message_shown(visibility, actor, row, facts) if row else None
