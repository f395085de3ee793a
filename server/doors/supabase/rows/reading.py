"""Reads rows of a published table or view for somebody: those they may see, as they may see them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from contract.actors import Actor
from contract.permissions import Sight
from server.access.visibility import HIDDEN_WHEN_REDACTED, Visibility
from server.doors.supabase.column_types import COLUMN_TYPES, own_name
from server.doors.supabase.rows.conditions import From, Sql, column_of, where
from server.doors.supabase.rows.relations import SOURCES, Source, relation
from server.doors.supabase.rows.row_query import Column, Embedded, Order, RowQuery, bad_query, names_in
from server.doors.supabase.views import View
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
    tx: ReadTx, visibility: Visibility, actor: Actor, source: Source, query: RowQuery, *, count: bool
) -> Found:
    """Raises Refusal `invalid_payload` for what the source does not have."""
    table, seen = readable(visibility, actor, source, names_in(query))
    columns = _columns(table, query.columns)
    condition = sa.and_(seen, where(table, query.where))
    total = tx.value(sa.select(sa.func.count()).select_from(table).where(condition)) if count else None
    if query.limit == 0:
        return Found([], total)
    order = [_order(table, one) for one in query.order]
    statement = sa.select(table).where(condition).order_by(*order, *keys(source, table))
    rows = shown(tx, visibility, actor, source, statement.limit(min(query.limit or MOST, MOST)).offset(query.offset))
    inner = [_embedded(tx, visibility, actor, source, one, rows) for one in query.embedded]
    return Found(
        [
            {one.name: row[one.column] for one in columns}
            | {asked.name: lines[at] for asked, lines in zip(query.embedded, inner, strict=True)}
            for at, row in enumerate(rows)
        ],
        total,
    )


def readable(visibility: Visibility, actor: Actor, source: Source, looked_at: Sequence[str]) -> tuple[From, Sql]:
    """What to ask, and the condition without which nobody may. Of a view there is nothing but what this actor sees of
    its table, so that no condition can reach the rest; what is shown redacted is not in it at all."""
    if not isinstance(source, View):
        return source, _visible(visibility, actor, source, looked_at)
    if source.table is bookings:
        return source.seen(visibility.bookings_filter(actor, Sight.ROW)), sa.true()
    return source.seen(visibility.rows_filter(actor, source.table)), sa.true()


def keys(source: Source, table: From) -> Sequence[sa.ColumnElement[Any]]:
    """The order of rows that nothing else decides."""
    return [table.c[source.key]] if isinstance(source, View) else list(source.primary_key.columns)


def _visible(visibility: Visibility, actor: Actor, table: sa.Table, looked_at: Sequence[str]) -> Sql:
    """The rows for this actor. Whoever asks by a column that is hidden in a redacted booking gets no redacted ones:
    finding one by what is hidden would tell it."""
    condition = visibility.rows_filter(actor, table)
    if table is bookings and not HIDDEN_WHEN_REDACTED.keys().isdisjoint(own_name(table.name, one) for one in looked_at):
        return sa.and_(condition, visibility.bookings_filter(actor, Sight.ROW))
    return condition


def shown(tx: ReadTx, visibility: Visibility, actor: Actor, source: Source, statement: sa.Select[Any]) -> list[Row]:
    """Rows as the actor may see them."""
    rows = tx.rows(statement)
    if source is not bookings:
        return rows
    return [visibility.redact(actor, bookings.name, row, _facts(row)) for row in rows]


def _facts(row: Mapping[str, Any]) -> BookingFacts:
    return BookingFacts(**{name: row[name] for name in BookingFacts.__struct_fields__})


def _columns(table: From, asked: Sequence[Column]) -> list[Column]:
    found: list[Column] = []
    for one in asked:
        if one.column == "*":
            found += [Column(own_name(table.name, name), name) for name in COLUMN_TYPES[table.name]]
        else:
            column_of(table, one.column)
            found.append(Column(own_name(table.name, one.column), one.name))
    return found


def _order(table: From, asked: Order) -> sa.UnaryExpression[Any]:
    column = column_of(table, asked.column)
    ordered = column.desc() if asked.descending else column.asc()
    return ordered.nulls_first() if asked.nulls_first else ordered.nulls_last()


def _embedded(
    tx: ReadTx, visibility: Visibility, actor: Actor, source: Source, asked: Embedded, rows: list[Row]
) -> list[Any]:
    """For each row what belongs to it: a list, or where there is one at most, that or nothing."""
    link = relation(source, asked)
    of_other = SOURCES[link.table]
    other, seen = readable(visibility, actor, of_other, ())
    columns = _columns(other, asked.columns)
    values = sorted({row[link.here] for row in rows if row[link.here] is not None})
    statement = (
        sa.select(other)
        .where(other.c[link.there].in_(values), seen)
        .order_by(*keys(of_other, other))
        .limit(EMBEDDED_MOST + 1)
    )
    found = shown(tx, visibility, actor, of_other, statement) if values else []
    if len(found) > EMBEDDED_MOST:
        raise bad_query(f"{asked.name}: more than {EMBEDDED_MOST} rows would be embedded; ask for fewer at once")
    of: dict[Any, list[Row]] = {}
    for row in found:
        of.setdefault(row[link.there], []).append({one.name: row[one.column] for one in columns})
    return [of.get(row[link.here], []) if link.many else next(iter(of.get(row[link.here], [])), None) for row in rows]
