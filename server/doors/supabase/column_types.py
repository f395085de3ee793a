"""Tables and views as Supabase's clients know them: each column with the PostgreSQL type they convert by."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from server.doors.supabase.views import VIEWS
from server.store.tables import PUBLISHED, Count, Json, Key, Moment, bookings, messages

ColumnType = str
"""PostgreSQL's name of a type: what realtime clients convert by, and what filters compare by."""

UUID, TEXT, BOOLEAN, TIMESTAMP, JSON = "uuid", "text", "bool", "timestamptz", "jsonb"
INTEGER, BIGINT, FLOAT = "int4", "int8", "float8"

_NAMES: tuple[tuple[type[Any], ColumnType], ...] = (
    (sa.Boolean, BOOLEAN),
    (sa.BigInteger, BIGINT),
    (sa.Integer, INTEGER),
    (sa.Double, FLOAT),
    (sa.JSON, JSON),
)


def _type_of(column: sa.ColumnElement[Any]) -> ColumnType:
    if column.type is Moment:
        return TIMESTAMP
    if column.type is Key:
        return UUID
    if column.type is Json:
        return JSON
    if column.type is Count:
        return BIGINT
    return next((name for kind, name in _NAMES if isinstance(column.type, kind)), TEXT)


SAME_AS: Mapping[str, Mapping[str, str]] = {
    bookings.name: {"technician_id": "provider_id"},
    messages.name: {"content": "message", "message_type": "kind"},
}
"""Columns that are there under another seed's name as well: read, filtered by and written like the one they are."""


def _types_of(table: sa.Table) -> dict[str, ColumnType]:
    own = {str(column.name): _type_of(column) for column in table.columns}
    return own | {other: own[name] for other, name in SAME_AS.get(table.name, {}).items()}


COLUMN_TYPES: Mapping[str, Mapping[str, ColumnType]] = {
    **{str(table.name): _types_of(table) for table in PUBLISHED},
    **{view.name: {name: _type_of(column.sql) for name, column in view.columns.items()} for view in VIEWS.values()},
}
"""Table or view, column, type. What is not here cannot be named by a filter, selected or sent."""


BOOKING_COLUMN: Mapping[str, str | None] = {
    **{str(table.name): "booking_id" for table in PUBLISHED},
    bookings.name: "id",
    **{view.name: view.names_booking for view in VIEWS.values()},
}
"""By table or view: the column that names a booking, for which its code does as well (X-06)."""


def own_name(table: str, column: str) -> str:
    """What the store calls that column."""
    return SAME_AS.get(table, {}).get(column, column)


def with_all_names(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row itself, as it is told: the columns with two names under both."""
    for other, name in SAME_AS.get(table, {}).items():
        if name in row:
            row[other] = row[name]
    return row
