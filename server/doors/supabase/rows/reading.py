"""Reads rows of a published table for somebody: those they may see, as they may see them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from contract.actors import Actor
from contract.permissions import Sight
from server.access.visibility import HIDDEN_WHEN_REDACTED, Visibility
from server.doors.supabase.column_types import COLUMN_TYPES, own_name
from server.doors.supabase.rows.conditions import Sql, column_of, where
from server.doors.supabase.rows.relations import TABLES, relation
from server.doors.supabase.rows.row_query import Column, Embedded, Order, RowQuery, bad_query, names_in
from server.store.feed import BookingFacts
from server.store.tables import bookings
from server.store.transactions import ReadTx

MOST = 1_000
"""Rows in one answer, as Supabase has it; whoever wants more asks with offset or Range."""
EMBEDDED_MOST = 10_000
Row = dict[str, Any]


class Found(msgspec.Struct, frozen=True):
    """`total` of all that match, if it was asked for."""

    rows: list[Row]
    total: int | None


def read_rows(
    tx: ReadTx, visibility: Visibility, actor: Actor, table: sa.Table, query: RowQuery, *, count: bool
) -> Found:
    """Raises Refusal `invalid_payload` for what the table does not have."""
    columns = _columns(table, query.columns)
    condition = sa.and_(visible(visibility, actor, table, names_in(query)), where(table, query.where))
    total = tx.value(sa.select(sa.func.count()).select_from(table).where(condition)) if count else None
    if query.limit == 0:
        return Found([], total)
    order = [_order(table, one) for one in query.order]
    statement = sa.select(table).where(condition).order_by(*order, *table.primary_key.columns)
    rows = shown(tx, visibility, actor, table, statement.limit(min(query.limit or MOST, MOST)).offset(query.offset))
    inner = [_embedded(tx, visibility, actor, table, one, rows) for one in query.embedded]
    return Found(
        [
            {one.name: row[one.column] for one in columns}
            | {asked.name: lines[at] for asked, lines in zip(query.embedded, inner, strict=True)}
            for at, row in enumerate(rows)
        ],
        total,
    )


def visible(visibility: Visibility, actor: Actor, table: sa.Table, looked_at: Sequence[str]) -> Sql:
    """The rows for this actor. Whoever asks by a column that is hidden in a redacted booking gets no redacted ones:
    finding one by what is hidden would tell it."""
    condition = visibility.rows_filter(actor, table)
    if table is bookings and not HIDDEN_WHEN_REDACTED.keys().isdisjoint(own_name(table.name, one) for one in looked_at):
        return sa.and_(condition, visibility.bookings_filter(actor, Sight.ROW))
    return condition


def shown(tx: ReadTx, visibility: Visibility, actor: Actor, table: sa.Table, statement: sa.Select[Any]) -> list[Row]:
    """Rows as the actor may see them."""
    rows = tx.rows(statement)
    if table is not bookings:
        return rows
    return [visibility.redact(actor, table.name, row, _facts(row)) for row in rows]


def _facts(row: Mapping[str, Any]) -> BookingFacts:
    return BookingFacts(**{name: row[name] for name in BookingFacts.__struct_fields__})


def _columns(table: sa.Table, asked: Sequence[Column]) -> list[Column]:
    found: list[Column] = []
    for one in asked:
        if one.column == "*":
            found += [Column(column_of(table, name).name, name) for name in COLUMN_TYPES[table.name]]
        else:
            found.append(Column(column_of(table, one.column).name, one.name))
    return found


def _order(table: sa.Table, asked: Order) -> sa.UnaryExpression[Any]:
    column = column_of(table, asked.column)
    ordered = column.desc() if asked.descending else column.asc()
    return ordered.nulls_first() if asked.nulls_first else ordered.nulls_last()


def _embedded(
    tx: ReadTx, visibility: Visibility, actor: Actor, table: sa.Table, asked: Embedded, rows: list[Row]
) -> list[Any]:
    """For each row what belongs to it: a list, or where there is one at most, that or nothing."""
    link = relation(table, asked)
    other = TABLES[link.table]
    columns = _columns(other, asked.columns)
    values = sorted({row[link.here] for row in rows if row[link.here] is not None})
    statement = (
        sa.select(other)
        .where(other.c[link.there].in_(values), visible(visibility, actor, other, ()))
        .order_by(*other.primary_key.columns)
        .limit(EMBEDDED_MOST + 1)
    )
    found = shown(tx, visibility, actor, other, statement) if values else []
    if len(found) > EMBEDDED_MOST:
        raise bad_query(f"{asked.name}: more than {EMBEDDED_MOST} rows would be embedded; ask for fewer at once")
    of: dict[Any, list[Row]] = {}
    for row in found:
        of.setdefault(row[link.there], []).append({one.name: row[one.column] for one in columns})
    return [of.get(row[link.here], []) if link.many else next(iter(of.get(row[link.here], [])), None) for row in rows]
