"""Which refresh token was given for which: one whose successor never arrived may be sent again, however late."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refresh_tokens", sa.Column("parent_hash", sa.LargeBinary(32)))
