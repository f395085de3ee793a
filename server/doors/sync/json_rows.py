"""Rows as JSON text, made by the database in the feed's own form: a snapshot of a whole desk costs Python next to
nothing, and other threads run meanwhile."""

from typing import Any

import sqlalchemy as sa


def json_row(table: sa.FromClause) -> sa.ColumnElement[Any]:
    """One row of `table` as a JSON object with all its columns."""
    parts: list[Any] = []
    for column in table.columns:
        parts += [sa.literal_column(f"'{column.name}'"), _value(column)]
    return sa.func.json_object(*parts)


def _value(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    if isinstance(column.type, sa.Boolean):
        return sa.func.json(sa.case((column, sa.literal_column("'true'")), else_=sa.literal_column("'false'")))
    if isinstance(column.type, sa.JSON):
        text = sa.type_coerce(column, sa.Text)
        return sa.case((sa.func.json_valid(text), sa.func.json(text)), else_=text)
    return column
