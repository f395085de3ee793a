"""Statements of the hot path: built with SQLAlchemy, turned into text once, run on the driver's cursor ever after."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from server.store.dialects import DIALECTS, insert


class Ready:
    """A statement's text in one dialect and the order of its parameters. Values go in as the driver wants them: JSON
    as text. A query builder's cost per statement would otherwise be most of an operation's.

    `names` are the parameters to give, in order; constants of a statement that is not `plain` are filled in
    by `bind`.
    """

    def __init__(self, statement: sa.Executable, dialect: sa.Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
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


class _InEachDialect(dict[str, Ready]):
    """By dialect, compiled when first asked for."""

    def __init__(self, statement: sa.Executable) -> None:
        super().__init__()
        self._statement = statement

    def __missing__(self, dialect: str) -> Ready:
        made = self[dialect] = Ready(self._statement, DIALECTS[dialect])
        return made


class Prepared:
    """A statement; `on[dialect]` is how it is run there."""

    def __init__(self, statement: sa.Executable) -> None:
        self.on = _InEachDialect(statement)


def prepared_insert(table: sa.Table, columns: Sequence[str], *, or_ignore: bool = False) -> Prepared:
    """INSERT of the named columns, in the table's order; `or_ignore` leaves a row with the same key as it is."""
    statement = insert(table).values({name: sa.bindparam(name) for name in columns})
    made = Prepared(statement.on_conflict_do_nothing() if or_ignore else statement.inline())
    if made.on["sqlite"].names != tuple(columns):
        raise ValueError(f"{table.name}: give the columns in the table's order, {made.on['sqlite'].names}")
    return made
