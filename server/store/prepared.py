"""Statements of the hot path: built with SQLAlchemy, turned into text once, run on the driver's cursor ever after."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from server.store import sqlite

_DIALECT = sqlite.dialect()


class Prepared:
    """A statement's text and the order of its parameters. Values go in as the driver wants them: JSON as text,
    booleans as 0 and 1. A query builder's cost per statement would otherwise be most of an operation's.

    `names` are the parameters to give, in order; constants of a statement that is not `plain` are filled in
    by `bind`.
    """

    def __init__(self, statement: sa.Executable) -> None:
        compiled: Any = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
        self.sql = str(compiled)
        in_order: list[str] = compiled.positiontup or []
        given = [name for name in in_order if compiled.binds[name].required]
        self.names: tuple[str, ...] = tuple(dict.fromkeys(given))
        self.plain = list(self.names) == in_order
        self._slots: list[tuple[int | None, Any]] = [
            (self.names.index(name), None) if name in self.names else (None, compiled.binds[name].effective_value)
            for name in in_order
        ]

    def bind(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """What the cursor is given for `values` of `names`."""
        if self.plain:
            return values
        return tuple(constant if index is None else values[index] for index, constant in self._slots)

    def bind_named(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The same from values by name; a missing one is an error here, not in the database."""
        return self.bind(tuple(values[name] for name in self.names))


def prepared_insert(table: sa.Table, columns: Sequence[str], *, or_ignore: bool = False) -> Prepared:
    """INSERT of the named columns, in the table's order; `or_ignore` leaves a row with the same key as it is."""
    statement = sqlite.insert(table).values({name: sa.bindparam(name, type_=sa.Text()) for name in columns})
    made = Prepared(statement.on_conflict_do_nothing() if or_ignore else statement)
    if made.names != tuple(columns):
        raise ValueError(f"{table.name}: give the columns in the table's order, {made.names}")
    return made
