"""Technicians as the seeds know them: one row for every active account of that role, not verified yet."""

import sqlalchemy as sa
from alembic import op

from server.store.sql_words import this_moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "technicians",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_verified", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.String(length=24), server_default=this_moment(), nullable=False),
        sa.Column("updated_at", sa.String(length=24), server_default=this_moment(), nullable=False),
        sa.Column("op_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        "INSERT INTO technicians(id,user_id,name,created_at) SELECT id,id,name,created_at FROM profiles"
        " WHERE role='technician' AND disabled_at IS NULL"
    )
