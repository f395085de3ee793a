"""Every table, once. Published tables carry the seeds' names; their changes are written to the feed by triggers."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from server.store.sql_words import fresh_id, this_moment

metadata = sa.MetaData()

Moment = sa.String(24)
"""UTC text in milliseconds, `2026-11-21T08:46:37.123Z`: its order is time's, and a SQL prompt can read it."""
Key = sa.String(36)
Json = sa.JSON().with_variant(JSONB(), "postgresql")
Count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""What goes on counting for years; SQLite's integers are that long anyway."""


def _readable(condition: str) -> sa.CheckConstraint:
    """Keeps a hand at a SQL prompt from writing what no program could read afterwards."""
    return sa.CheckConstraint(condition).ddl_if(dialect="sqlite")  # PostgreSQL's types see to it


bookings = sa.Table(
    "bookings",
    metadata,
    sa.Column("id", Key, primary_key=True, server_default=fresh_id()),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("workflow", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("customer_id", Key, index=True),
    sa.Column("customer_name", sa.Text, nullable=False, server_default=""),
    sa.Column("customer_phone", sa.Text),
    sa.Column("provider_id", Key, index=True),
    sa.Column("assignee_id", Key, index=True),
    sa.Column("assignee_name", sa.Text),
    sa.Column("department", sa.Text, index=True),
    sa.Column("created_by", Key, index=True),
    sa.Column("priority", sa.Integer, nullable=False, server_default="3"),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("place", sa.Text),
    sa.Column("scheduled_start", Moment),
    sa.Column("scheduled_end", Moment),
    sa.Column("lang", sa.Text, nullable=False, server_default="en"),
    sa.Column("fields", Json, nullable=False, server_default="{}"),
    sa.Column("created_at", Moment, nullable=False, server_default=this_moment()),
    sa.Column("updated_at", Moment, nullable=False, server_default=this_moment()),
    sa.Column("status_since", Moment, nullable=False, server_default=this_moment()),
    sa.Column("op_id", Key),
    _readable("typeof(version)='integer'"),
    _readable("json_valid(fields)"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("position", Count, primary_key=True, autoincrement=True),
    sa.Column("id", Key, nullable=False, unique=True, server_default=fresh_id()),
    sa.Column("booking_id", Key, sa.ForeignKey("bookings.id"), nullable=False),
    sa.Column("sender_type", sa.Text, nullable=False),
    sa.Column("sender_id", Key),
    sa.Column("sender_role", sa.Text, nullable=False, server_default="customer"),
    sa.Column("sender_name", sa.Text, nullable=False, server_default=""),
    sa.Column("kind", sa.Text, nullable=False, server_default="text"),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("texts", Json),
    sa.Column("has_invoice", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("invoice_data", Json),
    sa.Column("reply_to", Key),
    sa.Column("created_at", Moment, nullable=False, server_default=this_moment()),
    sa.Column("client_created_at", Moment),
    sa.Column("edited_at", Moment),
    sa.Column("deleted_at", Moment),
    sa.Column("deleted_by", Key),
    sa.Column("op_id", Key),
    sa.Index("messages_by_booking", "booking_id", "position"),
    _readable("texts IS NULL OR json_valid(texts)"),
    _readable("invoice_data IS NULL OR json_valid(invoice_data)"),
    # A position that a deleted row once had must never come back: receipts are marks on it.
    sqlite_autoincrement=True,
)

status_history = sa.Table(
    "status_history",
    metadata,
    sa.Column("id", Key, primary_key=True, server_default=fresh_id()),
    sa.Column("booking_id", Key, sa.ForeignKey("bookings.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("from_status", sa.Text),
    sa.Column("to_status", sa.Text, nullable=False),
    sa.Column("transition", sa.Text),
    sa.Column("actor_id", Key),
    sa.Column("actor_name", sa.Text, nullable=False, server_default=""),
    sa.Column("reason", sa.Text),
    sa.Column("at", Moment, nullable=False, server_default=this_moment()),
    sa.Column("op_id", Key),
    sa.UniqueConstraint("booking_id", "version", name="history_is_linear"),
)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("id", sa.String(73), primary_key=True),
    sa.Column("booking_id", Key, sa.ForeignKey("bookings.id"), nullable=False, index=True),
    sa.Column("user_id", Key, nullable=False),
    sa.Column("side", sa.Text, nullable=False),
    sa.Column("delivered_position", Count, nullable=False, server_default="0"),
    sa.Column("read_position", Count, nullable=False, server_default="0"),
    sa.Column("delivered_at", Moment),
    sa.Column("read_at", Moment),
    _readable("typeof(delivered_position)='integer' AND typeof(read_position)='integer'"),
)

profiles = sa.Table(
    "profiles",
    metadata,
    sa.Column("id", Key, primary_key=True, server_default=fresh_id()),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("lang", sa.Text, nullable=False, server_default="en"),
    sa.Column("departments", Json, nullable=False, server_default="[]"),
    sa.Column("created_at", Moment, nullable=False, server_default=this_moment()),
    sa.Column("disabled_at", Moment),
    _readable("json_type(departments)='array'"),
    sa.CheckConstraint("jsonb_typeof(departments)='array'").ddl_if(dialect="postgresql"),
)

technicians = sa.Table(
    "technicians",
    metadata,
    # One for every active account of that role, made and taken away by triggers on `profiles`; `id` is the person's.
    sa.Column("id", Key, primary_key=True),
    sa.Column("user_id", Key, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("is_verified", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", Moment, nullable=False, server_default=this_moment()),
    sa.Column("updated_at", Moment, nullable=False, server_default=this_moment()),
    sa.Column("op_id", Key),
)

_WAITS = sa.text("status='pending'")
bids = sa.Table(
    "bids",
    metadata,
    sa.Column("id", Key, primary_key=True, server_default=fresh_id()),
    sa.Column("booking_id", Key, sa.ForeignKey("bookings.id"), nullable=False, index=True),
    sa.Column("technician_id", Key, nullable=False, index=True),
    sa.Column("technician_name", sa.Text, nullable=False, server_default=""),
    sa.Column("amount", sa.Double, nullable=False),
    sa.Column("currency", sa.Text),
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    sa.Column("status", sa.Text, nullable=False, server_default="pending"),
    sa.Column("created_at", Moment, nullable=False, server_default=this_moment()),
    sa.Column("updated_at", Moment, nullable=False, server_default=this_moment()),
    sa.Column("op_id", Key),
    sa.Index("one_bid_waits", "booking_id", "technician_id", unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS),
    _readable("typeof(amount)='real'"),
)

notifications = sa.Table(
    "notifications",
    metadata,
    sa.Column("id", Key, primary_key=True, server_default=fresh_id()),
    sa.Column("user_id", Key, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("booking_id", Key, sa.ForeignKey("bookings.id"), index=True),
    sa.Column("is_read", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", Moment, nullable=False, server_default=this_moment()),
    sa.Column("read_at", Moment),
    sa.Column("op_id", Key),
    sa.Index("notifications_of_user", "user_id", "created_at", "id"),
)

PUBLISHED: tuple[sa.Table, ...] = (
    bookings,
    messages,
    status_history,
    receipts,
    profiles,
    technicians,
    bids,
    notifications,
)
"""The tables with feed triggers. Whatever is not here cannot be reached through any door."""

_OF_PEOPLE = sa.text("\"table\"='profiles'")
_OF_SIGHT = sa.text("\"table\" IN ('bookings','profiles')")
changes = sa.Table(
    "changes",
    metadata,
    # The feed's seq: dense and in commit order. SQLite has one writer and never prunes the newest row; on PostgreSQL a
    # trigger numbers at commit, from meta's `head`.
    sa.Column("seq", Count, primary_key=True, autoincrement=True),
    sa.Column("table", sa.Text, nullable=False),
    sa.Column("op", sa.Text, nullable=False),
    sa.Column("row_id", sa.Text, nullable=False),
    sa.Column("booking_id", Key),
    sa.Column("op_id", Key),
    sa.Column("row", sa.Text),
    sa.Column("old", sa.Text),
    sa.Column("at", Moment, nullable=False),
    # A booking's and a person's past, for pages of the feed read after a while away.
    sa.Index("changes_of_people", "seq", sqlite_where=_OF_PEOPLE, postgresql_where=_OF_PEOPLE),
    sa.Index("changes_of_sight", "row_id", "seq", sqlite_where=_OF_SIGHT, postgresql_where=_OF_SIGHT),
)

status_texts = sa.Table(
    "status_texts",
    metadata,
    # What a status is called, for the system message of a status changed at a SQL prompt; written at every start.
    sa.Column("workflow", sa.Text, primary_key=True),
    sa.Column("status", sa.Text, primary_key=True),
    sa.Column("texts", Json, nullable=False),
)

removed_messages = sa.Table(
    "removed_messages",
    metadata,
    # What a tombstone stood for, for admins. Never published.
    sa.Column("message_id", Key, primary_key=True),
    sa.Column("booking_id", Key, nullable=False, index=True),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("invoice_data", Json),
    sa.Column("removed_by", Key, nullable=False),
    sa.Column("removed_at", Moment, nullable=False),
)

operations = sa.Table(
    "operations",
    metadata,
    sa.Column("op_id", Key, primary_key=True),
    sa.Column("op_hash", sa.LargeBinary(32), nullable=False),
    sa.Column("author_id", Key, nullable=False),
    sa.Column("device_id", sa.Text),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("booking_id", Key),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, doc="The rest of the verdict as JSON; null when there is none."),
    sa.Column("at", Moment, nullable=False),
)

meta = sa.Table(
    "meta", metadata, sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False)
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("user_id", Key, primary_key=True),
    sa.Column("email", sa.Text, unique=True),
    sa.Column("password_hash", sa.Text),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("disabled_at", Moment),
)

_BY_GUESTS = sa.text("opened_by='anonymous'")
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("user_id", Key, nullable=False, index=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("revoked_at", Moment, index=True),
    sa.Column("opened_by", sa.Text, doc="`password`, `link` or `anonymous`; null: before this was written down."),
    sa.Index("sessions_of_guests", "created_at", sqlite_where=_BY_GUESTS, postgresql_where=_BY_GUESTS),
)

refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("session_id", Key, sa.ForeignKey("sessions.id"), nullable=False, index=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("used_at", Moment),
    sa.Column("parent_hash", sa.LargeBinary(32), doc="The token it was given for; null: for signing in."),
)

booking_links = sa.Table(
    "booking_links",
    metadata,
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("booking_id", Key, sa.ForeignKey("bookings.id"), nullable=False, index=True),
    sa.Column("customer_id", Key, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("revoked_at", Moment),
)

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("device_id", sa.Text, primary_key=True),
    sa.Column("user_id", Key, nullable=False),
    sa.Column("cursor", Count, nullable=False, server_default="0"),
    sa.Column("seen_at", Moment, nullable=False),
)
