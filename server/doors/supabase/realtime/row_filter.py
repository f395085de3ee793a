"""Filters of postgres_changes, `column=operator.value` joined by commas, as predicates over a row.

Source: the reference on Supabase's wire, 2. A row is judged as the subscriber may see it, so that a filter can narrow
what somebody gets and never tell what is hidden from them.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import re2

from contract.errors import Refusal
from server.doors.supabase.column_types import COLUMN_TYPES, TEXT, TIMESTAMP, UUID, ColumnType
from server.doors.supabase.filter_values import COMPARE, MAX_PATTERN, after_is, as_moment, as_type
from server.doors.supabase.filter_words import list_of, split_outside, unquoted
from server.store.sql_words import like_signs

Row = Mapping[str, Any]
Test = Callable[[Any], bool]
"""Of a column's value that is not null."""

MAX_FILTER = 8_192
MAX_VALUES = 100
"""In a list, as Supabase documents it."""
_WILD = {"%": ".*", "_": "."}
PATTERN_MEMORY = 64 * 1024
"""Bytes that one compiled pattern may take: a dozen signs can ask for thirty megabytes."""


class Condition(msgspec.Struct, frozen=True):
    """`equals`: the values that an `eq` or `in` asks for, as texts. `indexable`: a row has one of just these texts,
    or does not match, so that subscriptions can be found by it."""

    column: str
    holds: Callable[[Any], bool]
    equals: frozenset[str] | None = None
    indexable: bool = False


class RowFilter(msgspec.Struct, frozen=True):
    """All of its conditions together; none is no filter."""

    conditions: tuple[Condition, ...] = ()

    def matches(self, row: Row, codes: Mapping[str, str]) -> bool:
        """`codes`: columns that name a booking, with its code: an app may ask by that as well (X-06)."""
        return all(
            condition.holds(row.get(condition.column))
            or (condition.equals is not None and codes.get(condition.column) in condition.equals)
            for condition in self.conditions
        )


def read_filter(text: Any, table: str | None) -> RowFilter:
    """Raises Refusal `invalid_payload`, which says what cannot be understood."""
    if text is None or text == "":
        return RowFilter()
    if not isinstance(text, str) or len(text) > MAX_FILTER:
        raise _bad("A filter is a text of at most 8,192 characters", text)
    columns = COLUMN_TYPES.get(table or "")
    if table is None:
        raise _bad("A filter needs a table to look at", text)
    try:
        return RowFilter(tuple(_condition(one.strip(), columns) for one in split_outside(text)))
    except ValueError as error:
        raise _bad(str(error), text) from error


def pattern_count(text: Any) -> int:
    """How many patterns a filter seems to have, without reading it: rather too many than too few."""
    return sum(str(text).count(f"{operator}.") for operator in ("like", "match")) if isinstance(text, str) else 0


def _bad(problem: str, text: Any) -> Refusal:
    return Refusal("invalid_payload", {"problem": f"invalid filter {str(text)[:200]!r}: {problem}"})


def _condition(text: str, columns: Mapping[str, ColumnType] | None) -> Condition:
    column, equals, rest = text.partition("=")
    negated = rest.startswith("not.")
    operator, dot, value = rest.removeprefix("not.").partition(".")
    if not equals or not dot:
        raise ValueError("expected column=operator.value")
    if columns is not None and column not in columns:
        raise ValueError(f"there is no column {column!r}")
    kind = (columns or {}).get(column, TEXT)
    if operator not in _OPERATORS:
        raise ValueError(f"there is no operator {operator!r}; there are {', '.join(_OPERATORS)}")
    holds = _OPERATORS[operator](value, kind)
    if negated:
        # SQL's logic: what is unknown of a null stays unknown when negated; `is` and `isdistinct` are never unknown.
        known = operator in ("is", "isdistinct")
        return Condition(column, lambda found: (known or found is not None) and not holds(found))
    return Condition(column, holds, _sought(operator, value), indexable=kind in (UUID, TEXT))


def _sought(operator: str, value: str) -> frozenset[str] | None:
    if operator == "eq":
        return frozenset([unquoted(value)])
    return frozenset(list_of(value)) if operator == "in" else None


def _known(test: Test) -> Test:
    """Of null nothing is known, hence nothing holds; nor of a value that no program wrote into that column (SQLite
    takes any text at a prompt) and that cannot be compared."""

    def holds(found: Any) -> bool:
        try:
            return found is not None and test(found)
        except (TypeError, ValueError):
            return False

    return holds


def _compare(sign: str) -> Callable[[str, ColumnType], Test]:
    compare = COMPARE[sign]

    def build(value: str, kind: ColumnType) -> Test:
        sought = as_type(unquoted(value), kind)
        return _known(lambda found: compare(_comparable(found, kind), sought))

    return build


def _in(value: str, kind: ColumnType) -> Test:
    values = list_of(value)
    if len(values) > MAX_VALUES:
        raise ValueError(f"a list has at most {MAX_VALUES} values")
    sought = {as_type(one, kind) for one in values}
    return _known(lambda found: _comparable(found, kind) in sought)


def _is(value: str, kind: ColumnType) -> Test:
    sought = after_is(value, kind)
    return lambda found: found is sought


def _isdistinct(value: str, kind: ColumnType) -> Test:
    sought = None if value.lower() == "null" else as_type(unquoted(value), kind)
    same = _known(lambda found: _comparable(found, kind) == sought)
    return lambda found: found is not None if sought is None else not same(found)


def _pattern(source: Callable[[str], str], *, fold: bool) -> Callable[[str, ColumnType], Test]:
    """Matched in time linear in the text: patterns come from strangers."""

    def build(value: str, kind: ColumnType) -> Test:
        if len(value) > MAX_PATTERN:
            raise ValueError(f"a pattern has at most {MAX_PATTERN} characters")
        options = re2.Options()
        options.case_sensitive = not fold
        options.log_errors = False
        options.max_mem = PATTERN_MEMORY
        try:
            pattern = re2.compile(source(unquoted(value)), options)
        except re2.error as error:
            raise ValueError(f"no pattern: {error}") from error
        return _known(lambda found: pattern.search(str(found)) is not None)

    return build


def like_pattern(value: str) -> str:
    """A LIKE pattern as a regular expression."""
    parts = [_WILD[sign] if wild else re2.escape(sign) for sign, wild in like_signs(value)]
    return r"(?s)\A" + "".join(parts) + r"\z"


def _comparable(found: Any, kind: ColumnType) -> Any:
    """A column's value, as JSON has it."""
    return as_moment(found) if kind == TIMESTAMP else found


_OPERATORS: Mapping[str, Callable[[str, ColumnType], Test]] = {
    **{sign: _compare(sign) for sign in COMPARE},
    "in": _in,
    "is": _is,
    "isdistinct": _isdistinct,
    "like": _pattern(like_pattern, fold=False),
    "ilike": _pattern(like_pattern, fold=True),
    "match": _pattern(str, fold=False),
    "imatch": _pattern(str, fold=True),
}
