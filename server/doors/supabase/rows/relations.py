"""What is served as rows, tables and views, and which of them hang together, so that rows can be embedded in rows."""

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa

from server.doors.supabase.rows.row_query import Embedded, bad_query
from server.doors.supabase.views import CHAT_MESSAGES, SESSIONS, SUPPORT_AGENTS, VIEWS, View
from server.store.tables import (
    PUBLISHED,
    bids,
    bookings,
    messages,
    notifications,
    profiles,
    receipts,
    status_history,
    technicians,
)

Source = sa.Table | View
"""What rows may be asked of."""
SOURCES: Mapping[str, Source] = {**{table.name: table for table in PUBLISHED}, **VIEWS}


class Relation(msgspec.Struct, frozen=True):
    """Rows whose column `there` has the value of `here`; one at most, or any number."""

    table: str
    here: str
    there: str
    many: bool


_OF: dict[str, tuple[Relation, ...]] = {
    bookings.name: (
        *(Relation(table.name, "id", "booking_id", many=True) for table in (messages, status_history, receipts, bids)),
        *(
            Relation(profiles.name, column, "id", many=False)
            for column in ("customer_id", "provider_id", "assignee_id", "created_by")
        ),
        Relation(technicians.name, "provider_id", "id", many=False),
    ),
    messages.name: (
        Relation(bookings.name, "booking_id", "id", many=False),
        Relation(profiles.name, "sender_id", "id", many=False),
    ),
    status_history.name: (
        Relation(bookings.name, "booking_id", "id", many=False),
        Relation(profiles.name, "actor_id", "id", many=False),
    ),
    receipts.name: (
        Relation(bookings.name, "booking_id", "id", many=False),
        Relation(profiles.name, "user_id", "id", many=False),
    ),
    bids.name: (
        Relation(bookings.name, "booking_id", "id", many=False),
        Relation(technicians.name, "technician_id", "id", many=False),
    ),
    notifications.name: (Relation(bookings.name, "booking_id", "id", many=False),),
    technicians.name: (
        Relation(bids.name, "id", "technician_id", many=True),
        Relation(profiles.name, "user_id", "id", many=False),
        Relation(bookings.name, "id", "provider_id", many=True),
    ),
    SESSIONS.name: (
        Relation(CHAT_MESSAGES.name, "id", "session_id", many=True),
        Relation(SUPPORT_AGENTS.name, "agent_id", "id", many=False),
        Relation(profiles.name, "user_id", "id", many=False),
        Relation(profiles.name, "agent_id", "id", many=False),
    ),
    CHAT_MESSAGES.name: (
        Relation(SESSIONS.name, "session_id", "id", many=False),
        Relation(profiles.name, "sender_id", "id", many=False),
    ),
    SUPPORT_AGENTS.name: (
        Relation(SESSIONS.name, "id", "agent_id", many=True),
        Relation(profiles.name, "user_id", "id", many=False),
    ),
}


def relation(source: Source, asked: Embedded) -> Relation:
    """The one that is meant; raises Refusal `invalid_payload` where there is none, or more than one."""
    to_it = [one for one in _OF.get(source.name, ()) if one.table == asked.table]
    found = [one for one in to_it if asked.hint in (None, one.here, one.there)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise bad_query(f"no relationship between {source.name} and {asked.table[:64]}")
    hints = ", ".join(f"{asked.table}!{one.here}" for one in found)
    raise bad_query(f"more than one relationship between {source.name} and {asked.table}: say which, as {hints}")
