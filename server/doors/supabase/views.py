"""The live chat's own names (seed E) for what is here already: sessions, their messages and agents as views of ours.

A view is said once and used in two forms: as SQL for rows, and as a function of the row that the feed tells, proven
equal by a test. Whose rows it shows is for the visibility rule of its table alone; a view only leaves out and renames.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from server.store.feed import BookingFacts
from server.store.sql_words import text_within, whole_within
from server.store.tables import bookings, messages, profiles, receipts

Row = Mapping[str, Any]

LIVE_CHAT = "support"
"""The workflow whose bookings are sessions."""
AGENTS = ("agent", "operator", "admin")
EMAIL = "user_email"
"""What the app says of it is kept among the booking's fields: nobody's address is published."""
_ROLES = {"customer": "user", "admin": "admin", "service": "admin", "system": "system"}
"""The seed's words; everybody else at the desk is an agent."""


class Column(msgspec.Struct, frozen=True, eq=False):
    """`sql` is over the view's table; `told` gives the same of a row as the feed has it. Without `told` only reading
    tells it at any time: a change carries it, as `at_first`, when its row is new, and is silent of it later."""

    sql: sa.ColumnElement[Any]
    told: Callable[[Row], Any] | None
    at_first: Any = None


class View(msgspec.Struct, frozen=True, eq=False):
    """Some rows of a published table under another name."""

    name: str
    table: sa.Table
    where: sa.ColumnElement[bool]
    holds: Callable[[Row, BookingFacts | None], bool]
    """The same as `where`, of a row as the feed tells it and its booking."""
    columns: Mapping[str, Column]
    names_booking: str | None
    key: str = "id"
    """What rows are ordered by where nothing else decides."""

    def seen(self, condition: sa.ColumnElement[bool]) -> sa.Subquery:
        """Its rows, of those that `condition` on its table lets through: whatever is asked of it, the rest is not
        there."""
        columns = [column.sql.label(name) for name, column in self.columns.items()]
        return sa.select(*columns).where(self.where, condition).subquery(self.name)

    def told(self, row: Row, *, new: bool) -> dict[str, Any]:
        """A row of its table as a change of this view tells it."""
        found = {name: one.told(row) for name, one in self.columns.items() if one.told is not None}
        return found | {name: one.at_first for name, one in self.columns.items() if new and one.told is None}


def _own(column: sa.Column[Any]) -> Column:
    name = column.name
    return Column(column, lambda row: row.get(name))


def _text_in_fields(name: str) -> Column:
    def told(row: Row) -> str | None:
        found = _field(row, name)
        return found if isinstance(found, str) else None

    return Column(text_within(bookings.c.fields, name), told)


def _stars_in_fields(name: str) -> Column:
    def told(row: Row) -> int | None:
        found = _field(row, name)
        return found if type(found) is int and 0 <= found <= 9 else None  # true and false are ints as well

    return Column(whole_within(bookings.c.fields, name), told)


def _field(row: Row, name: str) -> Any:
    fields = row.get("fields")
    return fields.get(name) if isinstance(fields, dict) else None


def _since(status: str, *, assigned: bool) -> Column:
    """The moment since which a session has been so. What it was before is in `status_history`."""
    now = bookings.c.status == status
    condition = sa.and_(now, bookings.c.assignee_id.is_not(None)) if assigned else now

    def told(row: Row) -> Any:
        is_so = row.get("status") == status and not (assigned and row.get("assignee_id") is None)
        return row.get("status_since") if is_so else None

    return Column(sa.case((condition, bookings.c.status_since)), told)


_has_read = sa.and_(
    receipts.c.booking_id == messages.c.booking_id,
    receipts.c.read_position >= messages.c.position,
    (receipts.c.side == "customer") == (messages.c.sender_type != "client"),
)

SESSIONS = View(
    "live_chat_sessions",
    bookings,
    where=bookings.c.workflow == LIVE_CHAT,
    holds=lambda row, _: row.get("workflow") == LIVE_CHAT,
    columns={
        "id": _own(bookings.c.id),
        "code": _own(bookings.c.code),
        "user_id": _own(bookings.c.customer_id),
        "agent_id": _own(bookings.c.assignee_id),
        "status": _own(bookings.c.status),
        "user_name": _own(bookings.c.customer_name),
        EMAIL: _text_in_fields(EMAIL),
        "started_at": _own(bookings.c.created_at),
        "assigned_at": _since("active", assigned=True),
        "ended_at": _since("ended", assigned=False),
        "rating": _stars_in_fields("rating"),
        "feedback": _text_in_fields("feedback"),
        "created_at": _own(bookings.c.created_at),
        "updated_at": _own(bookings.c.updated_at),
    },
    names_booking="id",
)
CHAT_MESSAGES = View(
    "chat_messages",
    messages,
    # Notes are for our own desk: the seed's app would show them like lines that the customer has got.
    where=sa.and_(
        messages.c.kind != "note",
        sa.exists().where(bookings.c.id == messages.c.booking_id, bookings.c.workflow == LIVE_CHAT).correlate(messages),
    ),
    holds=lambda row, facts: row.get("kind") != "note" and facts is not None and facts.workflow == LIVE_CHAT,
    columns={
        "id": _own(messages.c.id),
        "session_id": _own(messages.c.booking_id),
        "sender_id": _own(messages.c.sender_id),
        # The seed's app knows two sides: what the system says, the desk says.
        "is_agent": Column(messages.c.sender_type != "client", lambda row: row.get("sender_type") != "client"),
        "sender_role": Column(
            sa.case(_ROLES, value=messages.c.sender_role, else_="agent"),
            lambda row: _ROLES.get(str(row.get("sender_role")), "agent"),
        ),
        "sender_name": _own(messages.c.sender_name),
        "message": _own(messages.c.message),
        "is_read": Column(sa.exists().where(_has_read).correlate(messages), None, at_first=False),
        "position": _own(messages.c.position),
        "created_at": _own(messages.c.created_at),
        "deleted_at": _own(messages.c.deleted_at),
    },
    names_booking="session_id",
    key="position",
)
SUPPORT_AGENTS = View(
    "support_agents",
    profiles,
    where=sa.and_(profiles.c.role.in_(AGENTS), profiles.c.disabled_at.is_(None)),
    holds=lambda row, _: row.get("role") in AGENTS and row.get("disabled_at") is None,
    columns={
        "id": _own(profiles.c.id),
        "user_id": _own(profiles.c.id),
        "name": _own(profiles.c.name),
        "role": _own(profiles.c.role),
        "created_at": _own(profiles.c.created_at),
    },
    names_booking=None,
)

VIEWS: Mapping[str, View] = {view.name: view for view in (SESSIONS, CHAT_MESSAGES, SUPPORT_AGENTS)}
VIEWS_OF: Mapping[str, tuple[View, ...]] = {
    table.name: tuple(view for view in VIEWS.values() if view.table is table)
    for table in (bookings, messages, profiles)
}
"""By the name of their table."""
