"""Which of a person's sessions are still open, for signing out of the others or of all."""

import sqlalchemy as sa

from server.store.tables import sessions
from server.store.transactions import ReadTx


def open_sessions(tx: ReadTx, user_id: str) -> list[str]:
    """Ids of the sessions that nobody has ended, oldest first."""
    mine = sa.select(sessions.c.id).where(sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None))
    return [row["id"] for row in tx.rows(mine.order_by(sessions.c.id))]
