"""Which published tables hang together, so that rows can be embedded in rows."""

import msgspec
import sqlalchemy as sa

from server.doors.supabase.rows.row_query import Embedded, bad_query
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

TABLES = {table.name: table for table in PUBLISHED}


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
}


def relation(table: sa.Table, asked: Embedded) -> Relation:
    """The one that is meant; raises Refusal `invalid_payload` where there is none, or more than one."""
    found = [
        one for one in _OF.get(table.name, ()) if one.table == asked.table and asked.hint in (None, one.here, one.there)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise bad_query(f"no relationship between {table.name} and {asked.table[:64]}")
    hints = ", ".join(f"{asked.table}!{one.here}" for one in found)
    raise bad_query(f"more than one relationship between {table.name} and {asked.table}: say which, as {hints}")
