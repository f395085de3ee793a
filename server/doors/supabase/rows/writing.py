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
from server.actions.notify import KEPT
from server.actions.perform import perform
from server.doors.supabase.rows.conditions import where
from server.doors.supabase.rows.reading import Row, read_rows, shown, visible
from server.doors.supabase.rows.row_operations import change, ids, insertion, named, removal
from server.doors.supabase.rows.row_query import Condition, Group, RowQuery, names_in
from server.store.store import Store
from server.store.tables import notifications
from server.store.transactions import ReadTx, WriteTx

MOST = 50
"""Rows written by one request."""
MOST_OF = {notifications.name: KEPT}
"""Of these all that somebody has may be marked as read at once."""


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
        self, actor: Actor, table: sa.Table, rows: Sequence[Row], *, upsert: bool, ignore: bool
    ) -> list[str]:
        """The ids of the rows, in their order. `upsert`: a row that is there already is changed, or with `ignore`
        left alone; else writing the same row again does nothing and another one with its id is refused."""
        given = [named(table, row) for row in rows]

        def operations(tx: WriteTx) -> tuple[list[Operation], list[str]]:
            found: list[Operation] = []
            written: list[str] = []
            for row in given:
                now = self._there(tx, actor, table, str(row["id"])) if upsert and row.get("id") else None
                if now is None:
                    found.append(insertion(table, row))
                    written.append(found[-1].op_id)
                else:
                    found += [] if ignore else change(table, now, row)
                    written.append(now["id"])
            return found, written

        return await self._perform(actor, operations)

    async def update(self, actor: Actor, table: sa.Table, query: RowQuery, values: Row) -> list[str]:
        """The ids of the rows that the query finds, changed or so already."""
        given = named(table, values)

        def operations(tx: WriteTx) -> tuple[list[Operation], list[str]]:
            rows = self._found(tx, actor, table, query)
            return [one for row in rows for one in change(table, row, given)], ids(rows)

        return await self._perform(actor, operations)

    async def delete(self, actor: Actor, table: sa.Table, query: RowQuery) -> list[str]:
        """The ids of the messages removed; they stay as tombstones (X-14)."""

        def operations(tx: WriteTx) -> tuple[list[Operation], list[str]]:
            rows = self._found(tx, actor, table, query)
            return [removal(table, row) for row in rows], ids(rows)

        return await self._perform(actor, operations)

    async def run(self, actor: Actor, operation: Operation) -> Verdict:
        """One operation, as a published function asks for it."""

        def job(tx: WriteTx) -> list[Verdict]:
            return [self._judged(tx, actor, operation)]

        [verdict] = await self.store.write(job)
        self._operation_done(operation.kind, verdict.verdict)
        return verdict

    def rows_by_id(
        self, tx: ReadTx, actor: Actor, table: sa.Table, selected: RowQuery, wanted: Sequence[str]
    ) -> list[Row]:
        """Written rows as they stand now and may be seen."""
        if not wanted:
            return []
        these = Condition("id", "in", f"({','.join(wanted)})")
        query = RowQuery(selected.columns, selected.embedded, Group("and", (these,)), (), None, 0)
        return read_rows(tx, self.visibility, actor, table, query, count=False).rows

    async def _perform(
        self, actor: Actor, operations: Callable[[WriteTx], tuple[list[Operation], list[str]]]
    ) -> list[str]:
        done: list[tuple[str, str]] = []

        def job(tx: WriteTx) -> list[str]:
            done.clear()
            asked, written = operations(tx)
            stands: dict[str, str] = {}
            for one in asked:
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

    def _found(self, tx: ReadTx, actor: Actor, table: sa.Table, query: RowQuery) -> list[Row]:
        if not query.where.parts:
            raise Refusal("invalid_payload", {"code": "21000", "problem": "UPDATE and DELETE require a WHERE clause"})
        condition = sa.and_(visible(self.visibility, actor, table, names_in(query)), where(table, query.where))
        most = MOST_OF.get(table.name, MOST)
        statement = sa.select(table).where(condition).order_by(*table.primary_key.columns).limit(most + 1)
        rows = shown(tx, self.visibility, actor, table, statement)
        if len(rows) > most:
            raise Refusal("too_many_ops", {"problem": f"more than {most} rows match; narrow the filter"})
        return rows

    def _there(self, tx: ReadTx, actor: Actor, table: sa.Table, row_id: str) -> dict[str, Any] | None:
        statement = sa.select(table).where(table.c.id == row_id, visible(self.visibility, actor, table, ()))
        return next(iter(shown(tx, self.visibility, actor, table, statement)), None)
