"""Who may see what, as a predicate: what each screen is told of a change. Its SQL form is in `visible_rows`."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from contract.actors import DESK, PROVIDERS, SEES_ALL, STAFF, Actor
from contract.permissions import Sight
from contract.rows import ROW_TYPES
from contract.workflow import Workflow
from server.access.marketplace import open_jobs
from server.access.visible_rows import HEARS_BIDS, VisibleRows
from server.store.feed import BookingFacts, Change

ItemClass = Literal["row", "redacted", "add", "drop"]
"""What somebody gets of a change. Of one change and one class everyone gets the same bytes."""

HIDDEN_WHEN_REDACTED: Mapping[str, Any] = {
    "customer_id": None,
    "customer_name": "",
    "customer_phone": None,
    "place": None,
    "fields": {},
    "created_by": None,
}


OF_ONE_PERSON = frozenset({"notifications"})
"""Tables of which everybody sees their own rows alone, whatever their role: nobody else's eyes see the same."""


class Visibility:
    """The one rule: sight of a booking decides, with an exception per table (DESIGN 6; checklist 1.U, X-18, X-20)."""

    def __init__(self, workflows: Mapping[str, Workflow]) -> None:
        self._open_jobs = open_jobs(workflows)
        self._rows = VisibleRows(workflows)

    def sight(self, actor: Actor, facts: BookingFacts | None) -> Sight:
        """How much of a booking this actor may see; nothing of one that is not there."""
        if facts is None:
            return Sight.NONE
        found = sight_as_party(actor, facts)
        if found == Sight.NONE and actor.role == "technician" and facts.provider_id is None:
            return Sight.REDACTED if self._open_jobs.get(facts.workflow) == facts.status else Sight.NONE
        return found

    def sees_row(self, actor: Actor, table: str, row: Mapping[str, Any], facts: BookingFacts | None) -> bool:
        """Whether a row of a published table may go to this actor; `facts` are its booking's."""
        if table == "profiles":
            return sees_profile(actor, row["id"], row["role"])
        if table == "notifications":
            return bool(row["user_id"] == actor.user_id)
        if table == "technicians":
            return actor.role in DESK or row["is_verified"] or row["id"] == actor.user_id
        if table == "bids" and actor.role == "technician":
            return bool(row["technician_id"] == actor.user_id)
        sight = self.sight(actor, facts)
        if table == "bids":
            return sight >= Sight.ROW and actor.role in HEARS_BIDS
        if table == "bookings":
            return sight >= Sight.REDACTED
        if table == "status_history":
            return sight >= Sight.ROW
        if table == "messages":
            return sight == Sight.FULL and (row["kind"] != "note" or actor.role in STAFF)
        return table == "receipts" and sight == Sight.FULL

    def redact(self, actor: Actor, table: str, row: dict[str, Any], facts: BookingFacts | None) -> dict[str, Any]:
        """A row that this actor may see, without what it may not see of it."""
        if table == "bookings" and self.sight(actor, facts) == Sight.REDACTED:
            return {**row, **HIDDEN_WHEN_REDACTED}
        return row

    def item_class(self, actor: Actor, change: Change) -> ItemClass | None:
        """What this actor's own clients of ours get of a change: nothing of tables that they do not hold."""
        return self.sees_change(actor, change) if change.table in ROW_TYPES else None

    def sees_change(self, actor: Actor, change: Change) -> ItemClass | None:
        """What this actor may see of a change of any published table; None: it must not notice."""
        if change.table == "bookings":
            return self._class_of_booking(actor, change)
        if change.table == "profiles":
            person = _decode_person(_content(change))
            return "row" if sees_profile(actor, change.row_id, person.role) else None
        if change.table not in ROW_TYPES:
            return self._class_of_row(actor, change)
        # A message's kind matters to those who get no notes; the others are spared the decoding.
        may_be_kept_back = change.table == "messages" and actor.role not in STAFF
        row = {"kind": _decode_kind(_content(change)).kind if may_be_kept_back else ""}
        return "row" if self.sees_row(actor, change.table, row, change.after or change.before) else None

    def shown(self, actor: Actor, change: Change) -> bytes | None:
        """The FeedItem that this actor gets of a change, as JSON; None when there is nothing to see."""
        found = self.item_class(actor, change)
        return None if found is None else encode_item(change, found)

    def bookings_filter(self, actor: Actor, at_least: Sight = Sight.REDACTED) -> sa.ColumnElement[bool]:
        """The bookings of which this actor has that much sight, as a condition for a WHERE."""
        return self._rows.bookings_filter(actor, at_least)

    def rows_filter(self, actor: Actor, table: sa.Table) -> sa.ColumnElement[bool]:
        """The rows of a published table that `sees_row` lets through, as a condition for a WHERE."""
        return self._rows.rows_filter(actor, table)

    def _class_of_booking(self, actor: Actor, change: Change) -> ItemClass | None:
        before, after = self.sight(actor, change.before), self.sight(actor, change.after)
        if change.op == "update" and before != after:
            return "drop" if after == Sight.NONE else "add"
        level = before if change.op == "delete" else after
        if level == Sight.NONE:
            return None
        return "redacted" if level == Sight.REDACTED else "row"

    def _class_of_row(self, actor: Actor, change: Change) -> ItemClass | None:
        """Of tables whose rows themselves say whose they are. What was not to be seen before comes in as if new."""
        if not self.sees_row(actor, change.table, _decode_row(_content(change)), change.after or change.before):
            return None
        if change.op != "update" or self.sees_row(actor, change.table, _decode_row(change.old or b"{}"), change.before):
            return "row"
        return "add"


def sees_profile(actor: Actor, user_id: str, role: str) -> bool:
    """Everyone their own; the desk everyone's; those in the field their colleagues'."""
    return user_id == actor.user_id or actor.role in DESK or (actor.role in PROVIDERS and role in STAFF)


def sight_as_party(actor: Actor, facts: BookingFacts) -> Sight:
    """Sight of a booking for whoever has to do with it, leaving the marketplace aside."""
    role = actor.role
    if role in SEES_ALL:
        return Sight.FULL
    if role == "agent":
        return _agents_sight(actor, facts)
    if role == "customer":
        party = facts.customer_id
    elif role in PROVIDERS:
        party = facts.provider_id
    else:
        party = facts.created_by if role == "chatbot" else None
    return Sight.FULL if party == actor.user_id else Sight.NONE


def _agents_sight(actor: Actor, facts: BookingFacts) -> Sight:
    if facts.assignee_id == actor.user_id:
        return Sight.FULL
    if facts.department is None or facts.department not in actor.departments:
        return Sight.NONE
    return Sight.FULL if facts.assignee_id is None else Sight.ROW


class _Item(msgspec.Struct, omit_defaults=True):
    """A FeedItem whose row is JSON already."""

    seq: int
    table: str
    op: str
    id: str
    booking_id: str | None = None
    op_id: str | None = None
    row: msgspec.Raw | None = None
    at: str | None = None


class _Person(msgspec.Struct):
    role: str


class _Kind(msgspec.Struct):
    kind: str


_encode = msgspec.json.Encoder().encode
_decode_row = msgspec.json.Decoder(dict[str, Any]).decode
_decode_person = msgspec.json.Decoder(_Person).decode
_decode_kind = msgspec.json.Decoder(_Kind).decode


def _content(change: Change) -> bytes:
    """The row, or for a deleted one what it was."""
    return change.row or change.old or b"{}"


def encode_item(change: Change, item_class: ItemClass) -> bytes:
    """The FeedItem of a change as those of one class get it."""
    if item_class in ("add", "drop"):
        item = _Item(change.seq, "scope", item_class, change.row_id, change.row_id, at=change.at)
        return _encode(item)
    row = None if change.row is None else msgspec.Raw(change.row)
    if row is not None and item_class == "redacted":
        row = msgspec.Raw(_encode({**_decode_row(row), **HIDDEN_WHEN_REDACTED}))
    item = _Item(change.seq, change.table, change.op, change.row_id, change.booking_id, change.op_id, row, change.at)
    return _encode(item)
