"""What the server of a story keeps its data in: SQLite's file, or a PostgreSQL server that can be killed too."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.history.events import ServerDump
from tests.faults.processes.dumps import dump_postgres, dump_server
from tests.support.engines import on_postgres
from tests.support.running_postgres import RunningPostgres, running_postgres

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


@dataclass(frozen=True)
class Database:
    """`settings` are what the server's process is told of it; `cluster` is there where it has a process of its own."""

    settings: dict[str, str]
    dump: Callable[[float], ServerDump]
    cluster: RunningPostgres | None = field(default=None)


@contextlib.contextmanager
def database(engine: str, folder: Path) -> Iterator[Database]:
    """Of a new deployment whose folder that is; inside, commands for the folder reach it."""
    if engine == SQLITE:
        yield Database({}, lambda at: dump_server(folder / "data" / "fieldline.db", at))
        return
    with running_postgres() as cluster:
        url = cluster.fresh_database()
        with on_postgres(lambda _: url):
            yield Database({"FIELDLINE_DATABASE": url}, lambda at: dump_postgres(url, at), cluster)
