"""All channels that listen for changes of rows, found by what a change says: most ask for one booking's."""

from typing import Any

from server.doors.supabase.realtime.change_data import ToldChange
from server.doors.supabase.realtime.join_request import Binding
from server.doors.supabase.realtime.part import Part
from server.store.tables import PUBLISHED

Found = dict[Part, list[Binding]]
_Place = dict[tuple[Part, Binding], None]
_TABLES = tuple(table.name for table in PUBLISHED)


class _TableIndex:
    """One table's bindings: by a column's value where they ask for one, else in a row."""

    def __init__(self) -> None:
        self.all: _Place = {}
        self.by_value: dict[str, dict[str, _Place]] = {}


class Subscriptions:
    """What is found is possible, not certain: filters and the visibility rule decide."""

    def __init__(self) -> None:
        self._tables = {name: _TableIndex() for name in _TABLES}
        self._members: dict[Part, None] = {}

    def __bool__(self) -> bool:
        """Whether anybody listens at all."""
        return bool(self._members)

    def add(self, part: Part) -> None:
        self._members[part] = None
        for binding in part.request.bindings:
            for index in self._indexes(binding):
                for place in _places(index, binding):
                    place[part, binding] = None

    def remove(self, part: Part) -> None:
        self._members.pop(part, None)
        for binding in part.request.bindings:
            for index in self._indexes(binding):
                for place in _places(index, binding):
                    place.pop((part, binding), None)
                _tidy(index, binding)

    def concerned(self, told: ToldChange) -> Found:
        """Subscriptions with those of their bindings that the change may match, by table, event and value."""
        index = self._tables[told.table]
        found: Found = {}
        _collect(found, index.all, told)
        for column, values in index.by_value.items():
            for value in {_as_text(told.value(column)), told.codes.get(column)}:
                if value is not None and value in values:
                    _collect(found, values[value], told)
        return found

    def _indexes(self, binding: Binding) -> list[_TableIndex]:
        names = _TABLES if binding.table is None else [binding.table]
        return [self._tables[name] for name in names if name in self._tables]


def _collect(found: Found, place: _Place, told: ToldChange) -> None:
    for part, binding in place:
        if binding.event in ("*", told.type):
            found.setdefault(part, []).append(binding)


def _places(index: _TableIndex, binding: Binding) -> list[_Place]:
    sought = _sought(binding)
    if sought is None:
        return [index.all]
    column, values = sought
    by_value = index.by_value.setdefault(column, {})
    return [by_value.setdefault(value, {}) for value in values]


def _tidy(index: _TableIndex, binding: Binding) -> None:
    sought = _sought(binding)
    if sought is not None:
        column, values = sought
        by_value = index.by_value[column]
        for value in values:
            if not by_value.get(value, True):
                del by_value[value]
        if not by_value:
            del index.by_value[column]


def _sought(binding: Binding) -> tuple[str, frozenset[str]] | None:
    """The column and values that a row must have to match, if the binding says so."""
    return next(((one.column, one.equals) for one in binding.filter.conditions if one.equals and one.indexable), None)


def _as_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
