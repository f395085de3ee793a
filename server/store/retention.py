"""Takes away what is too old to be asked for: the feed's oldest lines, what was said of rejections long ago, and people
who came in without an account and never came back."""

import sqlalchemy as sa

from contract.moments import to_text
from server.store.settings import StoreSettings
from server.store.tables import (
    accounts,
    bookings,
    changes,
    devices,
    meta,
    operations,
    profiles,
    refresh_tokens,
    sessions,
)
from server.store.transactions import WriteTx

AT_ONCE = 500
"""Lines or operations per transaction, so that it never holds the writer for long."""
KEEP_REJECTIONS_DAYS = 400
FORGOTTEN = '{"code":"too_old"}'
_DAY_MS = 86_400_000
_WALKED_TO = "rejections_shortened_to"


def shorten_feed(tx: WriteTx, settings: StoreSettings) -> int:
    """Removes up to AT_ONCE of the oldest lines that nothing asks to keep, these being the newest 30 days or 200,000
    lines, whichever is more (so whoever is connected is never cut off), and what this server has not read yet: a line
    gone before that would be missing among what sockets are told; how many went."""
    bounds = tx.one(sa.select(sa.func.min(changes.c.seq).label("oldest"), sa.func.max(changes.c.seq).label("newest")))
    if bounds is None or bounds["newest"] is None:
        return 0
    upto = min(bounds["newest"] - max(settings.keep_lines, 1), bounds["oldest"] + AT_ONCE - 1, tx.read_upto)
    recent = changes.c.at >= to_text(tx.now_ms - settings.keep_days * _DAY_MS)
    # A clock set back leaves younger lines behind older ones; nothing goes from between.
    first_recent = tx.value(sa.select(sa.func.min(changes.c.seq)).where(changes.c.seq <= upto, recent))
    if first_recent is not None:
        upto = first_recent - 1
    return tx.execute(sa.delete(changes).where(changes.c.seq <= upto))


def shorten_rejections(tx: WriteTx) -> int:
    """Looks at the next AT_ONCE operations of more than 400 days ago, and leaves of those rejected that they were; how
    many were looked at. That an operation was judged is never forgotten: asked again, it is not done after all.

    It walks by the ids, which begin with the moment they were made, and notes how far it came.
    """
    oldest_kept = tx.now_ms - KEEP_REJECTIONS_DAYS * _DAY_MS
    walked = tx.value(sa.select(meta.c.value).where(meta.c.key == _WALKED_TO)) or ""
    ahead = sa.select(operations.c.op_id).where(operations.c.op_id > walked, operations.c.op_id < _id_of(oldest_kept))
    found = [row["op_id"] for row in tx.rows(ahead.order_by(operations.c.op_id).limit(AT_ONCE))]
    if found:
        between = operations.c.op_id.between(found[0], found[-1])
        old = sa.and_(between, operations.c.verdict == "rejected", operations.c.at < to_text(oldest_kept))
        tx.execute(sa.update(operations).where(old).values(answer=FORGOTTEN))
        tx.put(meta, {"key": _WALKED_TO}, {}, {"value": found[-1]})
    return len(found)


def remove_guests(tx: WriteTx, settings: StoreSettings) -> int:
    """Removes up to AT_ONCE people who came in anonymously, never opened a booking and have not been seen since the
    settings' days; how many went. The feed tells of it."""
    long_ago = to_text(tx.now_ms - settings.keep_anonymous_days * _DAY_MS)
    guest, at_any_time = sessions.c.user_id, sessions.alias()
    idle = (
        sa.select(guest)
        .distinct()
        .where(
            sessions.c.opened_by == "anonymous",
            sessions.c.created_at < long_ago,
            sa.exists().where(accounts.c.user_id == guest, accounts.c.email.is_(None)),
            ~sa.exists().where(
                at_any_time.c.user_id == guest,
                refresh_tokens.c.session_id == at_any_time.c.id,
                refresh_tokens.c.created_at >= long_ago,
            ),
            ~sa.exists().where(bookings.c.customer_id == guest),
            ~sa.exists().where(bookings.c.created_by == guest),
        )
        .limit(AT_ONCE)
    )
    gone = [row["user_id"] for row in tx.rows(idle)]
    if gone:
        of_theirs = sa.select(sessions.c.id).where(sessions.c.user_id.in_(gone))
        tx.execute(sa.delete(refresh_tokens).where(refresh_tokens.c.session_id.in_(of_theirs)))
        tx.execute(sa.delete(sessions).where(sessions.c.user_id.in_(gone)))
        tx.execute(sa.delete(devices).where(devices.c.user_id.in_(gone)))
        tx.execute(sa.delete(accounts).where(accounts.c.user_id.in_(gone)))
        tx.execute(sa.delete(profiles).where(profiles.c.id.in_(gone)))
    return len(gone)


def _id_of(moment_ms: int) -> str:
    """What the ids made at that moment begin with (UUIDv7, RFC 9562)."""
    digits = f"{moment_ms:012x}"
    return f"{digits[:8]}-{digits[8:]}"
