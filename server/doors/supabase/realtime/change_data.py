"""A change of the feed as `postgres_changes` tells it: built once for all who may see the same of it.

Source: the reference on Supabase's wire, 1.8. `old_record` carries what stood before, as with replica identity full,
wherever the reader may have seen that; of a deleted row, its id alone. Beyond Supabase: `seq`, the change's place in
the feed, and `replayed` on what was missed.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from server.access.visibility import HIDDEN_WHEN_REDACTED
from server.doors.supabase.column_types import BOOKING_COLUMN, COLUMN_TYPES, with_all_names
from server.doors.supabase.views import View
from server.store.feed import Change

TYPES: Mapping[str, str] = {"insert": "INSERT", "update": "UPDATE", "delete": "DELETE"}
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


class Shown(msgspec.Struct, frozen=True):
    """How somebody sees a change: with what is hidden in a redacted booking left out; with the row before it or not."""

    redacted: bool
    before: bool


class TableRows:
    """A change's rows as its table has them, each decoded once for the table and all its views."""

    __slots__ = ("_before", "_old", "_table", "row")

    def __init__(self, change: Change) -> None:
        self._table = change.table
        self._old = change.old
        self._before: dict[str, Any] | None = None
        self.row = None if change.row is None else with_all_names(change.table, _decode(change.row))
        """As it is now; None where it is deleted."""

    def before(self) -> dict[str, Any]:
        """As it was, which most readers never ask for; empty where it is new."""
        if self._before is None:
            self._before = with_all_names(self._table, _decode(self._old or b"{}"))
        return self._before


class ToldChange:
    """One change, decoded once and encoded once per kind of reader. `seq` is its place in the feed. `view`: told as a
    change of that view; the table's own rows stay at hand for what hangs on them, `rows` where they are decoded."""

    __slots__ = ("_change", "_data", "_old", "_row", "_rows", "codes", "replayed", "seq", "table", "type", "view")

    def __init__(
        self, change: Change, *, replayed: bool = False, view: View | None = None, rows: TableRows | None = None
    ) -> None:
        self.seq = change.seq
        self.table = change.table if view is None else view.name
        self.type = TYPES[change.op]
        self.replayed = replayed
        self.view = view
        self._change = change
        self._rows = rows or TableRows(change)
        own = self._rows.row
        self._row = own if view is None or own is None else self._in_view(view, own)
        self._old: dict[str, Any] | None = None
        self._data: dict[tuple[Shown, frozenset[str] | None], bytes] = {}
        facts = change.after or change.before
        column = BOOKING_COLUMN[change.table] if view is None else view.names_booking
        self.codes = {} if facts is None or column is None else {column: facts.code}
        """The booking's code, by the column that holds its id."""

    def in_views(self, views: tuple[View, ...]) -> "Iterator[ToldChange]":
        """The same change as told of those of its table's views that the row is in."""
        facts = self._change.after or self._change.before
        row = self._rows.row or self._rows.before()
        for view in views:
            if view.holds(row, facts):
                yield ToldChange(self._change, replayed=self.replayed, view=view, rows=self._rows)

    def as_seen(self, shown: Shown) -> Shown | None:
        """How those who see the change so see it in the view: not at all what is redacted, and as new what was not in
        the view before."""
        if self.view is None:
            return shown
        if shown.redacted:
            return None
        was_in_it = self.type != "UPDATE" or self.view.holds(self._rows.before(), self._change.before)
        return shown if was_in_it else Shown(redacted=False, before=False)

    def row(self, shown: Shown) -> dict[str, Any]:
        """What filters look at: the row as it is, or was if deleted, without what those readers may not see."""
        row = self._before() if self._row is None else self._row
        return {**row, **HIDDEN_WHEN_REDACTED} if shown.redacted else row

    def value(self, column: str) -> Any:
        """A column's value whoever looks: for finding subscriptions, which then are judged by what they may see."""
        return (self._before() if self._row is None else self._row).get(column)

    def own(self, column: str) -> Any:
        """The same of the table's own row."""
        return (self._rows.row or self._rows.before()).get(column)

    def data(self, shown: Shown, columns: frozenset[str] | None) -> bytes:
        """The frame's `data`. `columns`: those asked for; the id always comes along."""
        key = (shown, columns)
        found = self._data.get(key)
        if found is None:
            found = self._data[key] = _encode(self._told(shown, columns))
        return found

    @property
    def removal(self) -> bool:
        """Whether it leaves a tombstone (X-14): then nobody is told any more what stood there."""
        return self._change.table == "messages" and self._row is not None and self.own("deleted_at") is not None

    def _told(self, shown: Shown, columns: frozenset[str] | None) -> dict[str, Any]:
        told: dict[str, Any] = {
            "schema": "public",
            "table": self.table,
            "commit_timestamp": self._change.at,
            "type": self.type,
            "columns": _columns(self.table, columns),
            "errors": None,
            "seq": self.seq,
        }
        if self._row is not None:
            told["record"] = _only(self.row(shown), columns)
        if self._change.old is not None:
            told["old_record"] = self._old_record(shown, columns)
        if self.replayed:
            told["replayed"] = True
        return told

    def _old_record(self, shown: Shown, columns: frozenset[str] | None) -> dict[str, Any]:
        """Who gets the row only now must not learn what it was while it was none of theirs."""
        old = self._before()
        if self.type == "DELETE" or not shown.before or self.removal:
            return {"id": old["id"]}
        return _only({**old, **HIDDEN_WHEN_REDACTED} if shown.redacted else old, columns)

    def _before(self) -> dict[str, Any]:
        if self._old is None:
            own = self._rows.before()
            self._old = own if self.view is None else self._in_view(self.view, own)
        return self._old

    def _in_view(self, view: View, row: dict[str, Any]) -> dict[str, Any]:
        return view.told(row, new=self.type == "INSERT")


def _only(row: dict[str, Any], columns: frozenset[str] | None) -> dict[str, Any]:
    return row if columns is None else {name: value for name, value in row.items() if name in columns or name == "id"}


@lru_cache(maxsize=1_024)
def _columns(table: str, columns: frozenset[str] | None) -> list[dict[str, str]]:
    types = COLUMN_TYPES[table]
    return [
        {"name": name, "type": kind}
        for name, kind in types.items()
        if columns is None or name in columns or name == "id"
    ]
