"""Opens encrypted SQLite files: the one module that knows the driver, its alias trap and its error codes."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlcipher3
from sqlcipher3 import dbapi2

from desktop.store.errors import Damaged, DiskFull, Unavailable

if TYPE_CHECKING:
    from sqlite3 import Connection

    from sqlite_utils import Database

DriverError = dbapi2.Error
_FULL = frozenset({8, 10, 13})
"""SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL: nothing can be written here now."""
_UNAVAILABLE = frozenset({5, 14})
"""SQLITE_BUSY, SQLITE_CANTOPEN: a virus scanner or a copying program has it, or its folder is gone."""
_INTERRUPTED = 9
_DAMAGED = frozenset({11, 26})
"""SQLITE_CORRUPT, SQLITE_NOTADB."""

Migrate = Callable[["Database"], None]
"""One step of a schema, by way of sqlite-utils."""


def connect(path: Path, key: bytes, *, durable: bool, read_only: bool = False, cache_mb: int = 16) -> "Connection":
    """A connection in autocommit mode; transactions are begun by hand. `key` is the raw 32 bytes, because deriving
    one from a passphrase costs 100 ms at every open. `durable`: a commit survives a power cut. Up to `cache_mb` of
    pages are kept deciphered in memory."""
    with translated():
        connection: Connection = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False, timeout=5.0)
        connection.row_factory = dbapi2.Row
        # Its log goes to stderr and says nothing that the raised error does not.
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        else:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute(f"PRAGMA cache_size = -{cache_mb * 1024}")
    return connection


def migrate(connection: "Connection", name: str, steps: list[Migrate]) -> None:
    """Takes the file through the steps it has not had. sqlite-utils is imported only when there is one: it costs a
    fifth of a second that a start with nothing to do should not pay."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version >= len(steps):
        return
    # sqlite-utils looks for pysqlite3 first. Without this alias it would miss SQLCipher's exceptions.
    sys.modules.setdefault("pysqlite3", sqlcipher3)
    sys.modules.setdefault("pysqlite3.dbapi2", dbapi2)
    from sqlite_utils import Database, Migrations  # noqa: PLC0415 - see above

    migrations = Migrations(name)
    for step in steps:
        migrations(name=step.__name__)(step)
    with translated():
        migrations.apply(Database(connection))
        connection.execute(f"PRAGMA user_version = {len(steps)}")


@contextmanager
def transaction(connection: "Connection") -> Iterator["Connection"]:
    """One write transaction: all of it or nothing."""
    with translated():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def reading(connection: "Connection") -> Iterator["Connection"]:
    """One read transaction: every query in it sees the same moment."""
    with translated():
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")


@contextmanager
def translated() -> Iterator[None]:
    """Turns the driver's errors into this package's; a fault in our SQL stays what it is."""
    try:
        yield
    except dbapi2.Error as error:
        if str(error).startswith("Could not decode"):
            raise Damaged(str(error)) from error
        known = kind_of(error)
        if known is None:
            raise
        raise known(str(error)) from error


def kind_of(error: Exception) -> type[DiskFull] | type[Unavailable] | type[Damaged] | None:
    """What this package calls an error of SQLite's, by its code; None for a fault in our SQL."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _FULL:
        return DiskFull
    if code in _UNAVAILABLE:
        return Unavailable
    return Damaged if code in _DAMAGED else None


def is_sound(connection: "Connection", stop: Callable[[], bool] | None = None) -> bool:
    """Whether every page is what was written and each index fits its table. With `stop`, a check of the pages alone
    that ends, with what it has seen so far, as soon as `stop` says so."""
    if stop is not None:
        connection.set_progress_handler(lambda: int(stop()), 1000)
    try:
        rows: list[Any] = connection.execute(f"PRAGMA {'integrity' if stop is None else 'quick'}_check(1)").fetchall()
    except dbapi2.DatabaseError as error:
        return getattr(error, "sqlite_errorcode", None) == _INTERRUPTED
    return bool(rows) and rows[0][0] == "ok"


def has_no_content(path: Path) -> bool:
    """SQLite takes a file of no byte or of one for a new one."""
    return path.exists() and path.stat().st_size <= 1


def files_of(path: Path) -> tuple[Path, Path, Path]:
    """The database and the two files SQLite keeps beside it."""
    return path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def put_aside(path: Path, mark: str) -> Path:
    """Renames a damaged database, whole, to `<name>.<mark>`: it is evidence, and may yet be read by someone."""
    aside = path.with_name(f"{path.name}.{mark}")
    for file, kept in zip(files_of(path), files_of(aside), strict=True):
        if file.exists():
            file.replace(kept)
    return aside


def take_back(path: Path, mark: str) -> None:
    """Undoes put_aside; what was made anew in its place since is given up."""
    for file, kept in zip(files_of(path), files_of(path.with_name(f"{path.name}.{mark}")), strict=True):
        file.unlink(missing_ok=True)
        if kept.exists():
            kept.replace(file)
