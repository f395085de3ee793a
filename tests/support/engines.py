"""The databases that a test's store may stand on: SQLite in its folder, or a fresh one of a real PostgreSQL."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import sqlcipher3.dbapi2 as sqlite  # two SQLite libraries in one process do not see each other's locks

from server.store.settings import StoreSettings

_databases: list[Callable[[Path], str]] = []
"""The innermost says which URL a folder's data has; none: SQLite in the folder."""


@contextlib.contextmanager
def on_postgres(url_of: Callable[[Path], str]) -> Iterator[None]:
    """Inside, stores stand on PostgreSQL: the same folder is the same database."""
    _databases.append(url_of)
    try:
        yield
    finally:
        _databases.pop()


def at_a_prompt(settings: StoreSettings, *statements: str) -> None:
    """Another program, with nothing set up for it: each statement in its own transaction."""
    if settings.url is None:
        with contextlib.closing(sqlite.connect(str(settings.database), isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)
        return
    with psycopg.connect(settings.url, autocommit=True) as session:
        for statement in statements:
            session.execute(statement.encode())


def settings_for(folder: Path, **settings: Any) -> StoreSettings:
    """Settings of a store whose data is in that folder, or in the database that stands for it."""
    url = _databases[-1](folder) if _databases else None
    return StoreSettings(folder, url=url, **settings)
