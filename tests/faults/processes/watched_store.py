"""Watches a server's database drivers: marks the points in and around transactions that hold work."""

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
import sqlcipher3.dbapi2 as sqlite

from tests.faults.processes.points import Points

T = TypeVar("T")


class Work:
    """What one connection's transaction under way has written."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._operations = 0
        self._receipts = 0

    def carry_out(self, sql: str, execute: Callable[[], T]) -> T:
        """Passes the points around commits that hold work, and between the works of one."""
        if sql == "COMMIT":
            return self._commit(execute)
        if sql.startswith("BEGIN"):
            self._operations = self._receipts = 0
        done = execute()
        if "INTO operations" in sql and sql.startswith("INSERT"):
            self._operations += 1
            self._points.pass_by("write.middle" if self._operations == 1 else "batch.middle")
        elif "receipts" in sql and sql.startswith(("INSERT", "UPDATE")):
            self._receipts += 1
        return done

    def _commit(self, execute: Callable[[], T]) -> T:
        kinds = [kind for kind, count in (("commit", self._operations), ("receipt", self._receipts)) if count]
        for kind in kinds:
            self._points.pass_by(f"{kind}.before")
        done = execute()
        for kind in kinds:
            self._points.pass_by(f"{kind}.after")
        return done


def watch_sqlite(points: Points) -> None:
    connect = sqlite.connect

    class Connection(sqlite.Connection):  # type: ignore[misc,name-defined]
        def cursor(self, *_: Any) -> Any:
            return super().cursor(Cursor)

        def execute(self, sql: str, *parameters: Any) -> Any:
            return self.cursor().execute(sql, *parameters)

    class Cursor(sqlite.Cursor):  # type: ignore[misc,name-defined]
        def execute(self, sql: str, *parameters: Any) -> Any:
            execute = super().execute
            return self.connection.work.carry_out(sql, lambda: execute(sql, *parameters))

    def connect_watched(path: str, **options: Any) -> Any:
        connection = connect(path, factory=Connection, **options)
        connection.work = Work(points)
        return connection

    sqlite.connect = connect_watched


def watch_postgres(points: Points) -> None:
    class Connection(psycopg.Connection[Any]):
        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__(*given, **options)
            self.work = Work(points)
            self.cursor_factory = Cursor

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            execute = super().execute
            work: Work = self.connection.work  # type: ignore[attr-defined]  # a Connection's, above
            return work.carry_out(str(query), lambda: execute(query, params, **options))

    setattr(psycopg, "connect", Connection.connect)  # noqa: B010 - its type is the driver's own
