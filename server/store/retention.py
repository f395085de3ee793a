"""Shortens the feed at its old end: it keeps the newest 30 days or 200,000 lines, whichever is more."""

import sqlalchemy as sa

from contract.moments import to_text
from server.store.settings import StoreSettings
from server.store.tables import changes
from server.store.transactions import WriteTx

AT_ONCE = 500
"""Lines per transaction, so that it never holds the writer for long."""
_DAY_MS = 86_400_000


def shorten_feed(tx: WriteTx, settings: StoreSettings) -> int:
    """Removes up to AT_ONCE of the oldest lines that nothing asks to keep; how many went."""
    bounds = tx.one(sa.select(sa.func.min(changes.c.seq).label("oldest"), sa.func.max(changes.c.seq).label("newest")))
    if bounds is None or bounds["newest"] is None:
        return 0
    upto = min(bounds["newest"] - max(settings.keep_lines, 1), bounds["oldest"] + AT_ONCE - 1)
    recent = changes.c.at >= to_text(tx.now_ms - settings.keep_days * _DAY_MS)
    # A clock set back leaves younger lines behind older ones; nothing goes from between.
    first_recent = tx.value(sa.select(sa.func.min(changes.c.seq)).where(changes.c.seq <= upto, recent))
    if first_recent is not None:
        upto = first_recent - 1
    return tx.execute(sa.delete(changes).where(changes.c.seq <= upto))
