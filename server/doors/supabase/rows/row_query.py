"""A request's query string in PostgREST's grammar, read into plain values: no table and no database is asked yet.

Source: PostgREST's documentation of tables and views, as far as supabase-js writes it (reference supabase-wire, 3).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from contract.errors import Refusal
from server.doors.supabase.filter_words import split_outside

MAX_CONDITIONS = 50
MAX_DEPTH = 4
MAX_QUERY = 16_384
_RESERVED = ("select", "order", "limit", "offset", "on_conflict", "columns")
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_COLUMN = re.compile(rf"(?:({_NAME}):)?({_NAME}|\*)(?:::{_NAME})?")
_EMBEDDED = re.compile(rf"(?:({_NAME}):)?({_NAME})(?:!({_NAME}))?\((.*)\)", re.DOTALL)


class Column(msgspec.Struct, frozen=True):
    """`name` is what the answer calls it; column * stands for all."""

    column: str
    name: str


class Embedded(msgspec.Struct, frozen=True):
    """Rows of another table along a foreign key; `hint` names the key where there are several."""

    table: str
    name: str
    hint: str | None
    columns: tuple[Column, ...]


class Condition(msgspec.Struct, frozen=True):
    column: str
    operator: str
    value: str
    negated: bool = False


class Group(msgspec.Struct, frozen=True):
    """Conditions of which all (`and`) or one (`or`) must hold."""

    kind: Literal["and", "or"]
    parts: "tuple[Condition | Group, ...]"
    negated: bool = False


class Order(msgspec.Struct, frozen=True):
    column: str
    descending: bool
    nulls_first: bool


class RowQuery(msgspec.Struct, frozen=True):
    """`limit` None: as many as one answer holds."""

    columns: tuple[Column, ...]
    embedded: tuple[Embedded, ...]
    where: Group
    order: tuple[Order, ...]
    limit: int | None
    offset: int


def bad_query(problem: str) -> Refusal:
    """What PostgREST calls PGRST100."""
    return Refusal("invalid_payload", {"problem": problem})


def read_query(parameters: Iterable[tuple[str, str]]) -> RowQuery:
    """Raises Refusal `invalid_payload`, saying what is not understood."""
    given = list(parameters)
    if sum(len(name) + len(value) for name, value in given) > MAX_QUERY:
        raise bad_query(f"the query has more than {MAX_QUERY} characters")
    if any("\0" in name or "\0" in value for name, value in given):
        raise bad_query("no text holds a zero byte")
    single = {name: value for name, value in given if name in _RESERVED}
    try:
        columns, embedded = _selected(single.get("select") or "*")
        parts = tuple(_where(name, value) for name, value in given if name not in _RESERVED)
        where = Group("and", parts)
        if _count(where) > MAX_CONDITIONS:
            raise ValueError(f"there are more than {MAX_CONDITIONS} conditions")
        return RowQuery(
            columns,
            embedded,
            where,
            tuple(map(_order, split_outside(single["order"]))) if single.get("order") else (),
            _whole("limit", single["limit"]) if "limit" in single else None,
            _whole("offset", single.get("offset", "0")),
        )
    except ValueError as error:
        raise bad_query(str(error)) from error


def _selected(text: str) -> tuple[tuple[Column, ...], tuple[Embedded, ...]]:
    columns: list[Column] = []
    embedded: list[Embedded] = []
    for part in map(str.strip, split_outside(text)):
        inner = _EMBEDDED.fullmatch(part)
        if inner is not None:
            name, table, hint, rest = inner.groups()
            if hint == "inner":
                raise ValueError("!inner is not served; filter the rows themselves")
            found, deeper = _selected(rest or "*")
            if deeper:
                raise ValueError("rows are embedded one level deep")
            embedded.append(Embedded(table, name or table, hint, found))
            continue
        plain = _COLUMN.fullmatch(part)
        if plain is None:
            raise ValueError(f"select: {part[:64]!r} is no column; JSON paths and functions are not served")
        columns.append(Column(plain[2], plain[1] or plain[2]))
    return tuple(columns), tuple(embedded)


def _where(name: str, value: str) -> Condition | Group:
    negated = name.startswith("not.")
    kind = name.removeprefix("not.")
    if kind in ("and", "or"):
        return _group(kind, value, negated=negated, depth=1)
    if not re.fullmatch(_NAME, name):
        raise ValueError(f"{name[:64]!r} is no column; conditions on embedded rows and JSON paths are not served")
    return _condition(name, value)


def _group(kind: str, value: str, *, negated: bool, depth: int) -> Group:
    if depth > MAX_DEPTH:
        raise ValueError(f"groups are nested more than {MAX_DEPTH} deep")
    if not (value.startswith("(") and value.endswith(")")):
        raise ValueError(f"{kind}: expected conditions in parentheses")
    parts = [_part_of_group(one.strip(), depth) for one in split_outside(value[1:-1])]
    return Group("and" if kind == "and" else "or", tuple(parts), negated)


def _part_of_group(text: str, depth: int) -> Condition | Group:
    found = re.fullmatch(r"(not\.)?(and|or)(\(.*\))", text, re.DOTALL)
    if found is not None:
        return _group(found[2], found[3], negated=bool(found[1]), depth=depth + 1)
    column, dot, rest = text.partition(".")
    if not dot or not re.fullmatch(_NAME, column):
        raise ValueError(f"{text[:64]!r}: expected column.operator.value")
    return _condition(column, rest)


def _condition(column: str, text: str) -> Condition:
    negated = text.startswith("not.")
    operator, dot, value = text.removeprefix("not.").partition(".")
    if not dot:
        raise ValueError(f"{column}: expected operator.value, as eq.5")
    return Condition(column, operator, value, negated)


def _order(text: str) -> Order:
    column, *words = text.strip().split(".")
    if not re.fullmatch(_NAME, column) or set(words) - {"asc", "desc", "nullsfirst", "nullslast"}:
        raise ValueError(f"order: {text[:64]!r} is not column.asc or column.desc")
    descending = "desc" in words
    return Order(column, descending, "nullsfirst" in words or (descending and "nullslast" not in words))


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(f"{name}: expected a whole number")
    return int(text)


def _count(group: Group) -> int:
    return sum(_count(one) if isinstance(one, Group) else 1 for one in group.parts)


def names_in(query: RowQuery) -> Sequence[str]:
    """Every column that a condition or the order looks at."""
    return [*_names(query.where), *(one.column for one in query.order)]


def _names(group: Group) -> list[str]:
    found: list[str] = []
    for one in group.parts:
        found += _names(one) if isinstance(one, Group) else [one.column]
    return found
