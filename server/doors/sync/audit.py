"""POST /sync/v1/audit: whether a device holds what it should, as of the number it stands at (docs/protocol.md)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog

from contract.actors import Actor
from contract.audit import AuditReply, AuditRequest
from contract.errors import Refusal
from contract.row_digest import Tally, read_row
from server.access.visibility import Visibility
from server.store.feed import Change, decode_facts
from server.store.past import lines_since, pages_tell_all
from server.store.sql_words import json_of
from server.store.store import Store
from server.store.tables import bookings, messages, profiles, receipts, status_history
from server.store.transactions import ReadTx

REACH = 5_000
"""Lines of the feed that are taken back, from the head to where the asker stands."""
MOST_BOOKINGS = 20_000
"""In one answer; who holds more asks by the endings of their ids."""
_PART = 500
_ENDING = re.compile(r"([0-9a-f]{2})?")
_log = structlog.get_logger("audit")


class Audits:
    """`audit_done` is told the outcome of each: agreed, moved, differs, or diverged where a second look differs too."""

    def __init__(self, store: Store, visibility: Visibility, audit_done: Callable[[str], None]) -> None:
        self._store = store
        self._visibility = visibility
        self._audit_done = audit_done

    async def compare(self, actor: Actor, request: AuditRequest) -> AuditReply:
        """Raises Refusal `epoch_changed`, and `invalid_payload` for what cannot be looked at in one piece."""
        if request.epoch != self._store.epoch:
            raise Refusal("epoch_changed", {"epoch": self._store.epoch})
        if not _ENDING.fullmatch(request.ending):
            raise Refusal("invalid_payload", {"field": "ending", "problem": "Expected two hex digits, or nothing"})
        reply = await self._store.read(lambda tx: _Expected(tx, self._visibility, actor, request).reply())
        diverged = reply.state == "differs" and request.again
        self._audit_done("diverged" if diverged else reply.state)
        if diverged:
            _alarm(actor, request, reply)
        return reply


def _alarm(actor: Actor, request: AuditRequest, reply: AuditReply) -> None:
    for table, should in reply.digests.items():
        holds = request.digests.get(table)
        if holds != should:
            _log.warning(
                "a device held other rows than it should",
                user_id=actor.user_id,
                seq=request.seq,
                ending=request.ending,
                table=table,
                holds=None if holds is None else [holds.rows, holds.sum],
                should=[should.rows, should.sum],
            )


class _Expected:
    """What one asker should hold: the rows of now, then the feed taken back line by line to where the asker stands."""

    def __init__(self, tx: ReadTx, visibility: Visibility, actor: Actor, request: AuditRequest) -> None:
        self._tx = tx
        self._visibility = visibility
        self._actor = actor
        self._request = request
        self._tally = Tally()

    def reply(self) -> AuditReply:
        tx, request = self._tx, self._request
        head = tx.head
        if head - request.seq > REACH or not pages_tell_all(tx, self._actor.user_id, request.seq):
            return self._reply(head, moved=True)
        for table, row in self._rows():
            found = read_row(table, row)
            if found is not None and self._is_held(table, row):
                self._tally.add(table, found)
        return self._reply(head, moved=not self._take_back(lines_since(tx, request.seq)))

    def _reply(self, head: int, *, moved: bool) -> AuditReply:
        request, digests = self._request, self._tally.digests()
        if moved:
            return AuditReply(request.epoch, request.seq, head, "moved", {})
        if digests == request.digests:
            return AuditReply(request.epoch, request.seq, head, "agreed", digests)
        people = None
        if digests["profiles"] != request.digests.get("profiles"):
            people = [row for table, row in self._people() if table == "profiles"]
        return AuditReply(request.epoch, request.seq, head, "differs", digests, self._tally.bookings(), people)

    def _is_held(self, table: str, row: dict[str, Any]) -> bool:
        """All that is in sight, but for messages older than the device has fetched."""
        return table != "messages" or row["position"] >= self._request.older.get(row["booking_id"], 0)

    # --- now ---------------------------------------------------------------------------------------------------------

    def _rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from self._people()
        ids = self._booking_ids()
        for start in range(0, len(ids), _PART):
            some = ids[start : start + _PART]
            yield from self._part(bookings, bookings.c.id, some)
            for table in (messages, status_history, receipts):
                yield from self._part(table, table.c.booking_id, some)

    def _people(self) -> Iterator[tuple[str, dict[str, Any]]]:
        seen = self._visibility.rows_filter(self._actor, profiles)
        for found in self._tx.rows(
            sa.select(json_of(profiles).label("row")).where(seen, profiles.c.id.endswith(self._request.ending))
        ):
            yield "profiles", msgspec.json.decode(found["row"])

    def _booking_ids(self) -> list[str]:
        ending, seen = self._request.ending, self._visibility.bookings_filter(self._actor)
        found = self._tx.rows(
            sa.select(bookings.c.id).where(seen, bookings.c.id.endswith(ending)).limit(MOST_BOOKINGS + 1)
        )
        if len(found) > MOST_BOOKINGS:
            raise Refusal(
                "invalid_payload", {"field": "ending", "problem": "Too many bookings to look at in one piece"}
            )
        return [row["id"] for row in found]

    def _part(
        self, table: sa.Table, key: sa.ColumnElement[str], ids: list[str]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        seen = self._visibility.rows_filter(self._actor, table)
        for found in self._tx.rows(sa.select(json_of(table).label("row")).where(key.in_(ids), seen)):
            raw: str = found["row"]
            row = msgspec.json.decode(raw)
            if table is bookings:
                row = self._visibility.redact(self._actor, "bookings", row, decode_facts(raw.encode()))
            yield str(table.name), row

    # --- then --------------------------------------------------------------------------------------------------------

    def _take_back(self, changes: list[Change]) -> bool:
        """False where sight itself has changed: what went out of it or came in cannot be told from its lines."""
        for change in changes:
            key = change.row_id if change.table in ("bookings", "profiles") else change.booking_id
            if key is None or not key.endswith(self._request.ending):
                continue
            shown = self._visibility.item_class(self._actor, change)
            if shown in ("add", "drop"):
                return False
            if shown is not None:
                self._take_back_rows(change, redacted=shown == "redacted")
        return True

    def _take_back_rows(self, change: Change, *, redacted: bool) -> None:
        for raw, count in ((change.row, self._tally.take), (change.old, self._tally.add)):
            if raw is None:
                continue
            row = msgspec.json.decode(raw)
            if redacted:
                facts = change.after if raw is change.row else change.before
                row = self._visibility.redact(self._actor, change.table, row, facts)
            found = read_row(change.table, row)
            if found is not None and self._is_held(change.table, row):
                count(change.table, found)
