"""SQLite's own ways: opening, durability settings, dialect, and what its errors mean. Nothing else knows them."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
import sqlcipher3.dbapi2 as driver

from contract.errors import Refusal
from server.store import feed_triggers
from server.store.link import Cursor, Errors
from server.store.queries_over import queries_over
from server.store.settings import StoreSettings, StoreUnusable

OLDEST_SAFE = (3, 51, 3)
"""Below it, two programs on one WAL file can corrupt it (sqlite.org, changes of 3.53.0)."""

DriverError = driver.Error
IntegrityError = driver.IntegrityError
OperationalError = driver.OperationalError


class Connection(Protocol):
    """What we use of a driver's connection, transactions being ours to begin and end."""

    in_transaction: bool
    text_factory: Callable[[bytes], str]

    def cursor(self) -> Cursor: ...
    def execute(self, sql: str, parameters: tuple[Any, ...] = ..., /) -> Cursor: ...
    def backup(self, target: "Connection", /) -> None: ...
    def close(self) -> None: ...


def require_safe_version() -> None:
    """Raises StoreUnusable when the SQLite in use has the WAL bug."""
    if driver.sqlite_version_info < OLDEST_SAFE:
        wanted = ".".join(map(str, OLDEST_SAFE))
        raise StoreUnusable(
            f"SQLite {driver.sqlite_version} can corrupt a database that two programs use; {wanted} or newer is needed."
            " Install the sqlcipher3 version that uv.lock names."
        )


def connect(path: Path, settings: StoreSettings, *, read_only: bool = False) -> Connection:
    """An open connection in autocommit, set up for safety; raises StoreUnusable with what to do.

    Every commit is on the disk before it is answered (WAL with synchronous FULL).
    """
    require_safe_version()
    try:
        if not read_only:
            path.touch(mode=0o600)
        # The server hands each connection to one thread and closes it from another: never two at once.
        found: Connection = driver.connect(
            str(path), isolation_level=None, check_same_thread=False, cached_statements=256
        )
        found.text_factory = _readable_text
        _set_up(found, settings, read_only=read_only)
    except OSError as error:
        raise StoreUnusable(f"{path} cannot be written to ({error.strerror}).") from error
    except driver.Error as error:
        raise unusable(path, error) from error
    return found


def _readable_text(text: bytes) -> str:
    """What another program wrote in another encoding is shown as unreadable: it must not keep the rest from being read
    (see also feed_reader)."""
    return text.decode(errors="replace")


def _set_up(connection: Connection, settings: StoreSettings, *, read_only: bool) -> None:
    connection.execute(f"PRAGMA busy_timeout={int(settings.busy_seconds * 1000)}")
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode is None or mode[0] != "wal":
        raise StoreUnusable(
            f"SQLite cannot keep a write-ahead log in {settings.data_dir}."
            " Put the data on a local disk: network shares do not work."
        )
    for pragma in (
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "recursive_triggers=ON",  # so that INSERT OR REPLACE tells the feed of the row it removes
        "cache_size=-65536",
        "wal_autocheckpoint=4000",
        "journal_size_limit=67108864",
        f"query_only={'ON' if read_only else 'OFF'}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def open_file(path: Path) -> Connection:
    """A database that nobody else uses, such as a backup, as one file without a log beside it."""
    require_safe_version()
    with contextlib.ExitStack() as unless_opened:
        found: Connection = driver.connect(str(path), isolation_level=None)
        unless_opened.callback(found.close)
        found.execute("PRAGMA trusted_schema=OFF")
        found.execute("PRAGMA journal_mode=DELETE")
        found.execute("PRAGMA synchronous=FULL")
        unless_opened.pop_all()
    return found


def fold_log(path: Path) -> None:
    """Takes into a database what a crash left in its log, so that the one file is all of it. Raises StoreUnusable while
    another program has it open, and a driver's error for one that is damaged."""
    if path.stat().st_size == 0:
        return  # SQLite would throw the log of an empty file away
    try:
        open_file(path).close()
    except driver.OperationalError as error:
        if "locked" in str(error):
            raise unusable(path, error) from error
        raise


def copy_to(source: Connection, target: Path) -> None:
    """Copies a database as of one moment into a new file of its owner's only; raises a driver's error."""
    target.touch(mode=0o600)
    copy: Connection = driver.connect(str(target), isolation_level=None)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()


def unusable(path: Path, error: Exception) -> StoreUnusable:
    """A driver's error at opening, as a sentence that says what to do."""
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return StoreUnusable(
            f"{path} is not a Fieldline database, or it is damaged ({text})."
            " Bring back a backup, which keeps this one aside: fieldline-server restore FILE --data DIR"
        )
    if "unable to open" in text or "readonly" in text:
        return StoreUnusable(
            f"{path} cannot be opened for writing. Give this user the right to write to {path.parent}."
        )
    if "locked" in text or "busy" in text:
        return StoreUnusable(f"{path} is locked by another program. Close that program and start again.")
    return StoreUnusable(f"{path} cannot be used: {text}.")


class SqliteLink:
    """A connection as the store uses it: see link.Link."""

    dialect = "sqlite"
    shared = False
    driver_errors: Errors = (driver.Error, sa.exc.DBAPIError)
    integrity_errors: Errors = (driver.IntegrityError, sa.exc.IntegrityError)
    away = False

    def __init__(self, path: Path, connection: Connection) -> None:
        self._path = path
        self.connection = connection
        self.execute = connection.cursor().execute
        self.queries = queries_over("sqlite://", connection, module=driver)

    @classmethod
    def open(cls, settings: StoreSettings, *, read_only: bool = False) -> "SqliteLink":
        """Raises StoreUnusable."""
        return cls(settings.database, connect(settings.database, settings, read_only=read_only))

    @property
    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    @property
    def spoilt(self) -> bool:
        """A full or failing disk ends the transaction itself, not the statement alone (sqlite.org, "Response To Errors
        Within A Transaction"): whatever came next would be committed by itself."""
        return not self.connection.in_transaction

    def begin_write(self) -> None:
        self.execute("BEGIN IMMEDIATE")

    def begin_read(self) -> None:
        self.execute("BEGIN")

    def commit(self) -> None:
        self.execute("COMMIT")

    def roll_back(self) -> None:
        if self.connection.in_transaction:
            self.execute("ROLLBACK")

    def one_moment(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def data_version(self) -> int:
        row = self.execute("PRAGMA data_version").fetchone()
        return int(row[0]) if row else 0

    def tell_others(self) -> None:
        """There are none."""

    def passing(self, error: Exception) -> bool:
        return False

    def refusal_for(self, error: Exception) -> Refusal | None:
        cause = getattr(error, "orig", error)
        if isinstance(cause, driver.OperationalError):
            return Refusal("unavailable", {"reason": str(cause)}, retry_after=1.0)
        return None

    def put_triggers(self) -> None:
        wanted, present = feed_triggers.triggers(), self._triggers()
        for name in present.keys() - wanted.keys():
            self.execute(f'DROP TRIGGER "{name}"')
        for name, text in wanted.items():
            if present.get(name) != text:
                self.execute(f'DROP TRIGGER IF EXISTS "{name}"')
                self.execute(text)

    def wrong_triggers(self) -> list[str]:
        present = self._triggers()
        return sorted(name for name, text in feed_triggers.triggers().items() if present.get(name) != text)

    def _triggers(self) -> dict[str, str]:
        rows = self.execute("SELECT name, sql FROM sqlite_schema WHERE type='trigger'").fetchall()
        return {str(name): str(text) for name, text in rows}

    def damage(self) -> str:
        found = self.execute("PRAGMA quick_check(1)").fetchone()
        if found is None or found[0] != "ok":
            return f"SQLite says: {found[0] if found else 'nothing'}. Restore a backup."
        orphans = self.execute("PRAGMA foreign_key_check").fetchall()
        return f"{len(orphans)} rows refer to rows that are gone, the first in {orphans[0][0]}." if orphans else ""

    def place(self) -> str | None:
        return None

    def claim_alone(self) -> bool:
        return True  # the data directory's lock has seen to it

    def serve(self) -> None:
        """The data directory's lock says so."""

    def unusable(self, error: Exception) -> Exception:
        return unusable(self._path, error)

    def close(self) -> None:
        self.connection.close()
