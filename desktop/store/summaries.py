"""The list's row of each booking, worked out from the rows themselves: nothing is counted up and down by hand."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from contract.rows import Booking

if TYPE_CHECKING:
    from sqlite3 import Connection

# `needs_answer`: the customer wrote after our side's newest public line (Chatwoot #9979), and can still be answered.
# A system line is no answer, a note is not public, a removed line is not there.
_RECOMPUTE = """
INSERT OR REPLACE INTO {p}summary
SELECT b.num, b.id, b.workflow, b.status, b.open, b.assignee_id,
       (b.open AND b.waiting_since IS NOT NULL), CASE WHEN b.open THEN b.waiting_since END,
       MAX(COALESCE(m.created_at, ''), b.updated_at), m.position,
       COALESCE(REPLACE(REPLACE(SUBSTR(m.message, 1, 300), char(13), ''), char(10), ' '), ''),
       CASE WHEN m.id IS NULL THEN NULL
            WHEN m.kind IN ('system', 'event') OR m.sender_type = 'system' THEN 'system'
            WHEN m.sender_role = 'chatbot' THEN 'bot'
            WHEN m.sender_type = 'client' THEN 'customer' ELSE 'staff' END,
       m.kind,
       (SELECT count(*) FROM {p}messages u
         WHERE u.booking_id = b.id AND u.position > b.my_read AND u.sender_type = 'client' AND u.deleted_at IS NULL),
       b.my_read,
       COALESCE((SELECT max(delivered_position) FROM {p}receipts r WHERE r.booking_id = b.id AND r.side <> :side), 0),
       COALESCE((SELECT max(read_position) FROM {p}receipts r WHERE r.booking_id = b.id AND r.side <> :side), 0),
       fold(b.code || char(10) || b.customer_name || char(10) || b.title || char(10) || COALESCE(b.place, ''))
FROM (
    SELECT b.*, (c.workflow IS NULL) AS open,
           COALESCE((SELECT read_position FROM {p}receipts r WHERE r.booking_id = b.id AND r.user_id = :me), 0)
               AS my_read,
           (SELECT min(w.created_at) FROM {p}messages w
             WHERE w.booking_id = b.id AND w.sender_type = 'client' AND w.kind NOT IN ('system', 'event')
               AND w.deleted_at IS NULL AND w.position > COALESCE((
                 SELECT a.position FROM {p}messages a
                  WHERE a.booking_id = b.id AND a.sender_type <> 'client' AND a.sender_type <> 'system'
                    AND a.kind NOT IN ('system', 'event', 'note') AND a.deleted_at IS NULL
                  ORDER BY a.position DESC LIMIT 1), -1)) AS waiting_since
    FROM {p}bookings b LEFT JOIN closed_status c ON c.workflow = b.workflow AND c.status = b.status
    {only}
) b
LEFT JOIN {p}messages m ON m.booking_id = b.id AND m.position = (
    SELECT n.position FROM {p}messages n
     WHERE n.booking_id = b.id AND n.deleted_at IS NULL AND n.kind <> 'note' ORDER BY n.position DESC LIMIT 1)
"""
_ALL = _RECOMPUTE.replace("{only}", "")
_TOUCHED = _RECOMPUTE.replace("{only}", "WHERE b.id IN (SELECT value FROM json_each(:ids))")


def recompute(connection: "Connection", me: str, side: str, ids: Iterable[str] | None = None, prefix: str = "") -> None:
    """Works out the rows of `ids`, None: of all bookings, for `me` who stands on `side`; `prefix` names the set of
    tables. In whatever transaction is open."""
    if ids is None:
        connection.execute(_ALL.replace("{p}", prefix), {"me": me, "side": side})
        return
    wanted = msgspec.json.encode(list(ids)).decode()
    connection.execute(_TOUCHED.replace("{p}", prefix), {"me": me, "side": side, "ids": wanted})


def search_text(booking: Booking) -> str:
    """What a filter looks through, as the query above puts it together."""
    return fold("\n".join((booking.code, booking.customer_name, booking.title, booking.place or "")))


def fold(text: str) -> str:
    """Text as it is compared in a search, in any script."""
    return text.casefold()
