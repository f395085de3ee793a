"""Conditions of a query as SQL over one published table or view."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contract.ids import canonical_code
from contract.moments import to_text
from server.doors.supabase.column_types import BOOKING_COLUMN, COLUMN_TYPES, JSON, ColumnType, own_name
from server.doors.supabase.filter_values import COMPARE, MAX_PATTERN, after_is, as_type
from server.doors.supabase.filter_words import list_of, unquoted
from server.doors.supabase.rows.row_query import Condition, Group, bad_query
from server.store.sql_words import as_glob, like_exactly
from server.store.tables import bookings

Sql = sa.ColumnElement[bool]
From = sa.Table | sa.Subquery
"""A table, or what somebody sees of a view."""
MAX_VALUES = 1_000
MAX_GAPS = 4
"""Each % more multiplies the work of SQLite's LIKE by the length of the text."""


def where(table: From, group: Group) -> Sql:
    """Raises Refusal `invalid_payload` for what cannot be asked of that table."""
    parts = [where(table, one) if isinstance(one, Group) else _condition(table, one) for one in group.parts]
    if not parts:
        return sa.true()
    found = sa.and_(*parts) if group.kind == "and" else sa.or_(*parts)
    return sa.not_(found) if group.negated else found


def column_of(table: From, name: str) -> sa.ColumnElement[Any]:
    if name not in COLUMN_TYPES[table.name]:
        raise bad_query(f"column {table.name}.{name[:64]} does not exist")
    found: sa.ColumnElement[Any] = table.c[own_name(table.name, name)]
    return found


def _condition(table: From, asked: Condition) -> Sql:
    column = column_of(table, asked.column)
    kind = COLUMN_TYPES[table.name][asked.column]
    try:
        found = _sql(table, column, kind, asked)
    except ValueError as error:
        raise bad_query(f"{asked.column}: {error}") from error
    return sa.not_(found) if asked.negated else found


def _sql(table: From, column: sa.ColumnElement[Any], kind: ColumnType, asked: Condition) -> Sql:
    operator, value = asked.operator, asked.value
    if operator in COMPARE:
        found: Sql = COMPARE[operator](column, _value(unquoted(value), kind))
        return _or_by_code(table, asked, [unquoted(value)], found) if operator == "eq" else found
    if operator == "in":
        values = list_of(value)
        if len(values) > MAX_VALUES:
            raise ValueError(f"a list has at most {MAX_VALUES} values")
        return _or_by_code(table, asked, values, column.in_([_value(one, kind) for one in values]))
    if operator == "is":
        return column.is_(after_is(value, kind))
    if operator in ("like", "ilike"):
        pattern = unquoted(value).replace("*", "%")
        if len(pattern) > MAX_PATTERN or pattern.count("%") > MAX_GAPS or kind == JSON:
            raise ValueError(f"a pattern is asked of a text, with {MAX_PATTERN} characters and {MAX_GAPS} gaps at most")
        text = sa.cast(column, sa.Text)
        if operator == "ilike":
            return text.ilike(pattern, escape="\\")
        return like_exactly(text, sa.literal(pattern), sa.literal(as_glob(pattern)))
    raise ValueError(f"there is no operator {operator[:32]!r}; there are eq neq gt gte lt lte like ilike in is")


def _value(text: str, kind: ColumnType) -> Any:
    """A value as the column holds it: moments are text in milliseconds."""
    found = as_type(text, kind)
    return to_text(round(found.timestamp() * 1000)) if isinstance(found, datetime) else found


def _or_by_code(table: From, asked: Condition, values: list[str], found: Sql) -> Sql:
    """Where a booking is named, its code does as well (X-06)."""
    names_booking = asked.column == BOOKING_COLUMN[table.name]
    codes = [code for code in map(canonical_code, values) if code is not None] if names_booking else []
    if not codes:
        return found
    return sa.or_(found, column_of(table, asked.column).in_(sa.select(bookings.c.id).where(bookings.c.code.in_(codes))))
