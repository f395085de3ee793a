"""Notifications: what has happened that somebody should know, for that person alone."""

import sqlalchemy as sa
from alembic import op

from server.store.sql_words import fresh_id, this_moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.String(length=36), server_default=fresh_id(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.String(length=36), nullable=True),
        sa.Column("is_read", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.String(length=24), server_default=this_moment(), nullable=False),
        sa.Column("read_at", sa.String(length=24), nullable=True),
        sa.Column("op_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_notifications_booking_id"), "notifications", ["booking_id"], unique=False)
    op.create_index("notifications_of_user", "notifications", ["user_id", "created_at", "id"], unique=False)
