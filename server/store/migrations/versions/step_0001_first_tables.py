"""The first tables: bookings and all that hangs on them, accounts, and the feed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from server.store.sql_words import fresh_id, this_moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _readable(condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition).ddl_if(dialect="sqlite")


def upgrade() -> None:
    _create_bookings()
    _create_what_hangs_on_bookings()
    _create_feed()
    _create_accounts()


def _create_bookings() -> None:
    op.create_table(
        "bookings",
        sa.Column("id", sa.String(length=36), server_default=fresh_id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=True),
        sa.Column("customer_name", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_phone", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.String(length=36), nullable=True),
        sa.Column("assignee_id", sa.String(length=36), nullable=True),
        sa.Column("assignee_name", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.Column("priority", sa.Integer(), server_default="3", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("scheduled_start", sa.String(length=24), nullable=True),
        sa.Column("scheduled_end", sa.String(length=24), nullable=True),
        sa.Column("lang", sa.Text(), server_default="en", nullable=False),
        sa.Column("fields", JSON, server_default="{}", nullable=False),
        sa.Column("created_at", sa.String(length=24), server_default=this_moment(), nullable=False),
        sa.Column("updated_at", sa.String(length=24), server_default=this_moment(), nullable=False),
        sa.Column("status_since", sa.String(length=24), server_default=this_moment(), nullable=False),
        sa.Column("op_id", sa.String(length=36), nullable=True),
        _readable("typeof(version)='integer'"),
        _readable("json_valid(fields)"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index(op.f("ix_bookings_assignee_id"), "bookings", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_bookings_created_by"), "bookings", ["created_by"], unique=False)
    op.create_index(op.f("ix_bookings_customer_id"), "bookings", ["customer_id"], unique=False)
    op.create_index(op.f("ix_bookings_department"), "bookings", ["department"], unique=False)
    op.create_index(op.f("ix_bookings_provider_id"), "bookings", ["provider_id"], unique=False)


def _create_what_hangs_on_bookings() -> None:
    op.create_table(
        "messages",
        sa.Column("position", COUNT, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), server_default=fresh_id(), nullable=False),
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("sender_type", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.String(length=36), nullable=True),
        sa.Column("sender_role", sa.Text(), server_default="customer", nullable=False),
        sa.Column("sender_name", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="text", nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("texts", JSON, nullable=True),
        sa.Column("has_invoice", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("invoice_data", JSON, nullable=True),
        sa.Column("reply_to", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.String(length=24), server_default=this_moment(), nullable=False),
        sa.Column("client_created_at", sa.String(length=24), nullable=True),
        sa.Column("edited_at", sa.String(length=24), nullable=True),
        sa.Column("deleted_at", sa.String(length=24), nullable=True),
        sa.Column("deleted_by", sa.String(length=36), nullable=True),
        sa.Column("op_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
        ),
        _readable("texts IS NULL OR json_valid(texts)"),
        _readable("invoice_data IS NULL OR json_valid(invoice_data)"),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("messages_by_booking", "messages", ["booking_id", "position"], unique=False)
    op.create_table(
        "status_history",
        sa.Column("id", sa.String(length=36), server_default=fresh_id(), nullable=False),
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("transition", sa.Text(), nullable=True),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("actor_name", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.String(length=24), server_default=this_moment(), nullable=False),
        sa.Column("op_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("booking_id", "version", name="history_is_linear"),
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.String(length=73), nullable=False),
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("delivered_position", COUNT, server_default="0", nullable=False),
        sa.Column("read_position", COUNT, server_default="0", nullable=False),
        sa.Column("delivered_at", sa.String(length=24), nullable=True),
        sa.Column("read_at", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
        ),
        _readable("typeof(delivered_position)='integer' AND typeof(read_position)='integer'"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_receipts_booking_id"), "receipts", ["booking_id"], unique=False)


def _create_feed() -> None:
    op.create_table(
        "changes",
        sa.Column("seq", COUNT, autoincrement=True, nullable=False),
        sa.Column("table", sa.Text(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.String(length=36), nullable=True),
        sa.Column("op_id", sa.String(length=36), nullable=True),
        sa.Column("row", sa.Text(), nullable=True),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    people, sight = sa.text("\"table\"='profiles'"), sa.text("\"table\" IN ('bookings','profiles')")
    op.create_index("changes_of_people", "changes", ["seq"], unique=False, sqlite_where=people, postgresql_where=people)
    op.create_index(
        "changes_of_sight",
        "changes",
        ["row_id", "seq"],
        unique=False,
        sqlite_where=sight,
        postgresql_where=sight,
    )
    op.create_table(
        "operations",
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("op_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.String(length=36), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("op_id"),
    )
    op.create_table(
        "status_texts",
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("workflow", "status"),
    )
    op.create_table(
        "removed_messages",
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("invoice_data", JSON, nullable=True),
        sa.Column("removed_by", sa.String(length=36), nullable=False),
        sa.Column("removed_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index(op.f("ix_removed_messages_booking_id"), "removed_messages", ["booking_id"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _create_accounts() -> None:
    op.create_table(
        "profiles",
        sa.Column("id", sa.String(length=36), server_default=fresh_id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), server_default="en", nullable=False),
        sa.Column("departments", JSON, server_default="[]", nullable=False),
        sa.Column("created_at", sa.String(length=24), server_default=this_moment(), nullable=False),
        sa.Column("disabled_at", sa.String(length=24), nullable=True),
        _readable("json_type(departments)='array'"),
        sa.CheckConstraint("jsonb_typeof(departments)='array'").ddl_if(dialect="postgresql"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "accounts",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("disabled_at", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("user_id"),
        sa.UniqueConstraint("email"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("revoked_at", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("used_at", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"], unique=False)
    op.create_table(
        "booking_links",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("revoked_at", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_booking_links_booking_id"), "booking_links", ["booking_id"], unique=False)
    op.create_table(
        "devices",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("cursor", COUNT, server_default="0", nullable=False),
        sa.Column("seen_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("device_id"),
    )
