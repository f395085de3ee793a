"""All who listen for changes of rows, found by what a change says: most ask for one booking's."""

from collections.abc import Hashable, Mapping
from typing import Any

from server.doors.supabase.realtime.audience import Audience, audience_key
from server.doors.supabase.realtime.change_data import ToldChange
from server.doors.supabase.realtime.join_request import Binding
from server.doors.supabase.realtime.part import Part
from server.doors.supabase.views import VIEWS, VIEWS_OF, View
from server.store.tables import PUBLISHED

Found = dict[Audience, list[Binding]]
_Place = dict[tuple[Audience, Binding], None]
_TABLES = tuple(table.name for table in PUBLISHED)
"""What a binding without a table listens to: a view would tell the same change again under another name."""


class _TableIndex:
    """One table's or view's bindings: by a column's value where they ask for one, else in a row."""

    def __init__(self) -> None:
        self.all: _Place = {}
        self.by_value: dict[str, dict[str, _Place]] = {}

    def __bool__(self) -> bool:
        return bool(self.all or self.by_value)


class Subscriptions:
    """What is found is possible, not certain: filters and the visibility rule decide."""

    def __init__(self) -> None:
        self._tables = {name: _TableIndex() for name in (*_TABLES, *VIEWS)}
        self._audiences: dict[Hashable, Audience] = {}
        self.views: Mapping[str, tuple[View, ...]] = {}
        """By the name of their table: the views that anybody listens to."""

    def __bool__(self) -> bool:
        """Whether anybody listens at all."""
        return bool(self._audiences)

    def add(self, part: Part) -> None:
        """A channel that speaks for nobody in particular is told no row."""
        if part.identity is None or not part.request.bindings:
            return
        actor = part.identity.actor
        key = audience_key(part, actor)
        audience = self._audiences.get(key)
        if audience is None:
            audience = self._audiences[key] = Audience(key, part, actor)
            for binding in audience.bindings:
                for place in self._places(binding):
                    place[audience, binding] = None
            self._look_at_views()
        audience.parts[part] = None
        part.audience = audience

    def remove(self, part: Part) -> None:
        audience, part.audience = part.audience, None
        if audience is None:
            return
        del audience.parts[part]
        if not audience.parts:
            del self._audiences[audience.key]
            for binding in audience.bindings:
                for place in self._places(binding):
                    place.pop((audience, binding), None)
                for index in self._indexes(binding):
                    _tidy(index, binding)
            self._look_at_views()

    def concerned(self, told: ToldChange) -> Found:
        """Audiences with those of their bindings that the change may match, by table, event and value."""
        index = self._tables[told.table]
        found: Found = {}
        _collect(found, index.all, told)
        for column, values in index.by_value.items():
            for value in {_as_text(told.value(column)), told.codes.get(column)}:
                if value is not None and value in values:
                    _collect(found, values[value], told)
        return found

    def _look_at_views(self) -> None:
        listened = {table: [view for view in views if self._tables[view.name]] for table, views in VIEWS_OF.items()}
        self.views = {table: tuple(views) for table, views in listened.items() if views}

    def _places(self, binding: Binding) -> list[_Place]:
        return [place for index in self._indexes(binding) for place in _places(index, binding)]

    def _indexes(self, binding: Binding) -> list[_TableIndex]:
        names = _TABLES if binding.table is None else [binding.table]
        return [self._tables[name] for name in names if name in self._tables]


def _collect(found: Found, place: _Place, told: ToldChange) -> None:
    for audience, binding in place:
        if binding.event in ("*", told.type):
            found.setdefault(audience, []).append(binding)


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
