"""The databases that a test's store may stand on: SQLite in its folder, or a fresh one of a real PostgreSQL."""

import atexit
import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import sqlcipher3.dbapi2 as sqlite  # two SQLite libraries in one process do not see each other's locks

from server.store.database import connect
from server.store.migrate import migrate
from server.store.settings import StoreSettings

_databases: list[Callable[[Path], str]] = []
"""The innermost says which URL a folder's data has; none: SQLite in the folder."""
_bare: list[bool] = []


@contextlib.contextmanager
def on_postgres(url_of: Callable[[Path], str]) -> Iterator[None]:
    """Inside, stores stand on PostgreSQL: the same folder is the same database."""
    _databases.append(url_of)
    try:
        yield
    finally:
        _databases.pop()


@contextlib.contextmanager
def without_tables() -> Iterator[None]:
    """Inside, a folder's SQLite file is made by whoever opens it first."""
    _bare.append(True)
    try:
        yield
    finally:
        _bare.pop()


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
    """Settings of a store whose data is in that folder, or in the database that stands for it. Where there is none yet
    there is one now, with the tables in it: making them anew for each test would cost more than most tests do."""
    url = _databases[-1](folder) if _databases else None
    found = StoreSettings(folder, url=url, **settings)
    if url is None and not _bare:
        make_tables(found)
    return found


def make_tables(settings: StoreSettings) -> None:
    """In SQLite's file, if there is none."""
    if not settings.database.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_template(), settings.database)


@cache
def _template() -> Path:
    """A file as the migrations leave it, without a word in it."""
    folder = Path(tempfile.mkdtemp(prefix="fieldline-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = StoreSettings(folder)
    link = connect(settings)
    migrate(link)
    link.close()
    return settings.database
