"""How a session was opened: whoever came by a booking's link may not set a password for the person it belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("opened_by", sa.Text))
