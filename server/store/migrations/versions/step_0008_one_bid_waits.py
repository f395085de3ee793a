"""Of each technician one bid waits for an answer on each job, whoever wrote it: of several the newest."""

import sqlalchemy as sa
from alembic import op

from server.store.sql_words import this_moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_bids = sa.table(
    "bids",
    *(sa.column(name) for name in ("id", "booking_id", "technician_id", "status", "created_at", "updated_at")),
)


def upgrade() -> None:
    newer = _bids.alias("newer")
    is_newer = sa.tuple_(newer.c.created_at, newer.c.id) > sa.tuple_(_bids.c.created_at, _bids.c.id)
    same_place = sa.and_(newer.c.booking_id == _bids.c.booking_id, newer.c.technician_id == _bids.c.technician_id)
    outdone = sa.exists().where(same_place, newer.c.status == "pending", is_newer)
    declined = sa.update(_bids).where(_bids.c.status == "pending", outdone)
    op.execute(declined.values(status="declined", updated_at=this_moment()))
    if op.get_context().dialect.name == "postgresql":
        # The lines of the feed that this made are due now: a table that has some waiting can be given no index.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.execute("SET CONSTRAINTS ALL DEFERRED")
    waits = sa.text("status='pending'")
    op.create_index(
        "one_bid_waits",
        "bids",
        ["booking_id", "technician_id"],
        unique=True,
        sqlite_where=waits,
        postgresql_where=waits,
    )
