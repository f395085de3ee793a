"""Bids of technicians for jobs on offer."""

import sqlalchemy as sa
from alembic import op

from server.store.sql_words import fresh_id, this_moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bids",
        sa.Column("id", sa.String(length=36), server_default=fresh_id(), nullable=False),
        sa.Column("booking_id", sa.String(length=36), nullable=False),
        sa.Column("technician_id", sa.String(length=36), nullable=False),
        sa.Column("technician_name", sa.Text(), server_default="", nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("created_at", sa.String(length=24), server_default=this_moment(), nullable=False),
        sa.Column("updated_at", sa.String(length=24), server_default=this_moment(), nullable=False),
        sa.Column("op_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
        ),
        sa.CheckConstraint("typeof(amount)='real'").ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_bids_booking_id"), "bids", ["booking_id"], unique=False)
    op.create_index(op.f("ix_bids_technician_id"), "bids", ["technician_id"], unique=False)
