"""Writes rows as operations: the same actions, workflow and permissions as for our own clients, all or nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from contract.actors import Actor
from contract.errors import Refusal
from contract.operations import Operation
from contract.verdicts import Verdict
from contract.workflow import Workflow
from server.access.visibility import Visibility
from server.actions.mark_read import mark_read
from server.actions.notify import KEPT
from server.actions.perform import perform
from server.doors.supabase.rows.conditions import where
from server.doors.supabase.rows.reading import Row, keys, read_rows, readable, shown
from server.doors.supabase.rows.relations import Source
from server.doors.supabase.rows.row_operations import ids, named
from server.doors.supabase.rows.row_query import Condition, Group, RowQuery, names_in
from server.doors.supabase.rows.view_operations import (
    ReadMark,
    Write,
    changes_to,
    furthest,
    insertion_into,
    removal_from,
)
from server.doors.supabase.views import CHAT_MESSAGES
from server.store.store import Store
from server.store.tables import notifications
from server.store.transactions import ReadTx, WriteTx

MOST = 50
"""Rows written by one request."""
MOST_WRITTEN = KEPT
"""Operations and read marks of one request: as many as somebody has notifications."""
MOST_OF = {notifications.name: KEPT, CHAT_MESSAGES.name: 1_000}
"""Rows found: of these all that somebody has, or much of a conversation, may be marked as read at once."""


class RowWriter:
    """`operation_done` is told kind and verdict of every operation judged."""

    def __init__(
        self,
        store: Store,
        workflows: Mapping[str, Workflow],
        visibility: Visibility,
        operation_done: Callable[[str, str], None],
    ) -> None:
        self.store = store
        self.visibility = visibility
        self._workflows = dict(workflows)
        self._operation_done = operation_done

    async def insert(
        self, actor: Actor, source: Source, rows: Sequence[Row], *, upsert: bool, ignore: bool
    ) -> list[str]:
        """The ids of the rows, in their order. `upsert`: a row that is there already is changed, or with `ignore`
        left alone; else writing the same row again does nothing and another one with its id is refused."""
        given = [named(source, row) for row in rows]

        def operations(tx: WriteTx) -> tuple[list[Write], list[str]]:
            found: list[Write] = []
            written: list[str] = []
            for row in given:
                now = self._there(tx, actor, source, str(row["id"])) if upsert and row.get("id") else None
                if now is None:
                    made = insertion_into(tx, source, row)
                    found.append(made)
                    written.append(made.op_id)
                else:
                    found += [] if ignore else changes_to(actor, source, now, row)
                    written.append(now["id"])
            return found, written

        return await self._perform(actor, operations)

    async def update(self, actor: Actor, source: Source, query: RowQuery, values: Row) -> list[str]:
        """The ids of the rows that the query finds, changed or so already."""
        given = named(source, values)

        def operations(tx: WriteTx) -> tuple[list[Write], list[str]]:
            rows = self._found(tx, actor, source, query)
            return [one for row in rows for one in changes_to(actor, source, row, given)], ids(rows)

        return await self._perform(actor, operations)

    async def delete(self, actor: Actor, source: Source, query: RowQuery) -> list[str]:
        """The ids of the messages removed; they stay as tombstones (X-14)."""

        def operations(tx: WriteTx) -> tuple[list[Write], list[str]]:
            rows = self._found(tx, actor, source, query)
            return [removal_from(source, row) for row in rows], ids(rows)

        return await self._perform(actor, operations)

    async def run(self, actor: Actor, operation: Operation) -> Verdict:
        """One operation, as a published function asks for it."""

        def job(tx: WriteTx) -> list[Verdict]:
            return [self._judged(tx, actor, operation)]

        [verdict] = await self.store.write(job)
        self._operation_done(operation.kind, verdict.verdict)
        return verdict

    def rows_by_id(
        self, tx: ReadTx, actor: Actor, source: Source, selected: RowQuery, wanted: Sequence[str]
    ) -> list[Row]:
        """Written rows as they stand now and may be seen."""
        if not wanted:
            return []
        these = Condition("id", "in", f"({','.join(wanted)})")
        query = RowQuery(selected.columns, selected.embedded, Group("and", (these,)), (), None, 0)
        return read_rows(tx, self.visibility, actor, source, query, count=False).rows

    async def _perform(self, actor: Actor, operations: Callable[[WriteTx], tuple[list[Write], list[str]]]) -> list[str]:
        done: list[tuple[str, str]] = []

        def job(tx: WriteTx) -> list[str]:
            done.clear()
            asked, written = operations(tx)
            stands: dict[str, str] = {}
            writes = furthest(asked)
            if len(writes) > MOST_WRITTEN:
                problem = f"more than {MOST_WRITTEN} rows would be written; narrow the filter"
                raise Refusal("too_many_ops", {"problem": problem})
            for one in writes:
                if isinstance(one, ReadMark):
                    mark_read(tx, actor, one.booking_id, one.position)
                    continue
                verdict = self._judged(tx, actor, one)
                done.append((one.kind, verdict.verdict))
                stands[one.op_id] = (verdict.result or {}).get("id", one.op_id)
            return [stands.get(row_id, row_id) for row_id in written]

        written = await self.store.write(job)
        for kind, verdict in done:
            self._operation_done(kind, verdict)
        return written

    def _judged(self, tx: WriteTx, actor: Actor, operation: Operation) -> Verdict:
        """Raises the Refusal of a rejected one, which undoes the request as a whole."""
        verdict = perform(tx, self._workflows, actor, None, operation)
        if verdict.verdict == "rejected":
            raise Refusal(verdict.code or "internal", verdict.current)
        if verdict.verdict == "retry":
            raise Refusal("unavailable", retry_after=1)
        return verdict

    def _found(self, tx: ReadTx, actor: Actor, source: Source, query: RowQuery) -> list[Row]:
        if not query.where.parts:
            raise Refusal("invalid_payload", {"code": "21000", "problem": "UPDATE and DELETE require a WHERE clause"})
        table, seen = readable(self.visibility, actor, source, names_in(query))
        most = MOST_OF.get(source.name, MOST)
        statement = sa.select(table).where(seen, where(table, query.where))
        rows = shown(tx, self.visibility, actor, source, statement.order_by(*keys(source, table)).limit(most + 1))
        if len(rows) > most:
            raise Refusal("too_many_ops", {"problem": f"more than {most} rows match; narrow the filter"})
        return rows

    def _there(self, tx: ReadTx, actor: Actor, source: Source, row_id: str) -> dict[str, Any] | None:
        table, seen = readable(self.visibility, actor, source, ())
        statement = sa.select(table).where(table.c.id == row_id, seen)
        return next(iter(shown(tx, self.visibility, actor, source, statement)), None)
