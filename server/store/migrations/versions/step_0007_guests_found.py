"""Those who came in without an account are found without looking through all sessions: their retention asks often."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    by_guests = sa.text("opened_by='anonymous'")
    op.create_index(
        "sessions_of_guests",
        "sessions",
        ["created_at"],
        unique=False,
        sqlite_where=by_guests,
        postgresql_where=by_guests,
    )
