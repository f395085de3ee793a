"""PostgreSQL's own ways: opening, waiting for no lock for ever, what its errors mean, and coming back when it does."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, cast

import psycopg
import sqlalchemy as sa
import structlog
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from contract.errors import Refusal
from server.store import postgres_triggers
from server.store.link import Cursor, Errors
from server.store.queries_over import queries_over
from server.store.settings import StoreSettings, StoreUnusable

log = structlog.get_logger(__name__)

OLDEST = 13_00_00
WRITING, SERVING = 0x_F1E1_D001, 0x_F1E1_D002
"""Advisory locks. WRITING: the transaction under way, one at a time among all our servers, so that they cannot
deadlock each other. SERVING: shared by those that run, taken alone by whoever changes the tables' shape."""
CHANNEL = "fieldline_changes"
ROW_SECONDS = 0.5
"""How long a row is waited for that another program has locked; our own servers queue before they touch any."""
_DEFAULTS: dict[str, str | int] = {
    "connect_timeout": 5,
    "application_name": "fieldline",
    "client_encoding": "utf8",
    "target_session_attrs": "read-write",
    # A link cut without a word is noticed, on either side, within seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_SESSION = """SELECT set_config('lock_timeout',%s,false), set_config('idle_in_transaction_session_timeout',%s,false),
 CASE WHEN current_setting('synchronous_commit')='off' THEN set_config('synchronous_commit','on',false) END"""
_BEGIN_WRITE = (
    f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({WRITING});"
    f" SET LOCAL lock_timeout='{int(ROW_SECONDS * 1000)}ms'"
)
_BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_PLACE = """SELECT concat_ws('/', (pg_control_system()).system_identifier,
 left(pg_walfile_name(pg_current_wal_lsn()), 8),
 (SELECT oid FROM pg_database WHERE datname=current_database()), to_regclass('changes')::oid)"""

_UNAVAILABLE = (psycopg.OperationalError, psycopg.InternalError, psycopg.InterfaceError)


class PostgresLink:
    """A connection as the store uses it: see link.Link. Lost, it is opened anew by the next transaction's beginning;
    until that succeeds, whoever asks hears `unavailable`."""

    dialect = "postgresql"
    shared = True
    driver_errors: Errors = (psycopg.Error, sa.exc.DBAPIError)
    integrity_errors: Errors = (psycopg.IntegrityError, sa.exc.IntegrityError)

    def __init__(self, settings: StoreSettings, *, read_only: bool) -> None:
        """Raises psycopg.Error."""
        self._settings = settings
        self._read_only = read_only
        self._serving = False
        self._looked = 0
        self._told_of_outage = self._told_of_replacement = False
        self.execute: Callable[..., Cursor] = self._execute
        self._connect()
        self._place = self.place() if read_only else None

    @classmethod
    def open(cls, settings: StoreSettings, *, read_only: bool = False) -> "PostgresLink":
        """Raises StoreUnusable."""
        try:
            link = cls(settings, read_only=read_only)
        except psycopg.Error as error:
            raise unusable(error) from error
        with contextlib.ExitStack() as unless_usable:
            unless_usable.callback(link.close)
            link.require_usable()
            unless_usable.pop_all()
        return link

    def _connect(self) -> None:
        with contextlib.ExitStack() as unless_made:
            connection = unless_made.enter_context(contextlib.closing(open_connection(self._settings.url or "")))
            idle = 60_000 if self._read_only else 5_000
            connection.execute(_SESSION, (str(int(self._settings.busy_seconds * 1000)), str(idle)))
            if self._serving:
                connection.execute(f"SELECT pg_advisory_lock_shared({SERVING})")
            self._queries = queries_over("postgresql+psycopg://", connection)
            self._connection = connection
            self._run: Callable[..., Any] = connection.cursor(binary=True).execute
            unless_made.pop_all()

    def _execute(self, sql: str, parameters: tuple[Any, ...] = (), /) -> Cursor:
        return cast(Cursor, self._run(sql, parameters))  # the cursor is another one after an outage

    @property
    def queries(self) -> sa.Connection:
        return self._queries

    @property
    def in_transaction(self) -> bool:
        return self._connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    @property
    def spoilt(self) -> bool:
        return self._connection.closed or self._connection.info.transaction_status == TransactionStatus.INERROR

    @property
    def away(self) -> bool:
        return self._connection.closed

    def begin_write(self) -> None:
        self._begin(_BEGIN_WRITE)

    def begin_read(self) -> None:
        self._begin(_BEGIN_READ)

    def _begin(self, statement: str) -> None:
        if not self._connection.closed:
            try:
                self._connection.execute(statement)
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
            else:
                return
        self._come_back()
        self._connection.execute(statement)

    def _come_back(self) -> None:
        """Nothing is under way, so a connection lost is opened again. An outage is told of when it begins and ends."""
        if not self._told_of_outage:
            log.warning("the connection to the database was lost", reading=self._read_only)
        self._told_of_outage = True
        self._connect()
        try:
            self._require_same_place()
        except psycopg.Error:  # never serve from a database that was not looked at
            self.close()
            raise
        log.warning("the database can be reached again", reading=self._read_only)
        self._told_of_outage = False

    def _require_same_place(self) -> None:
        """A restored copy or a promoted replica may lack what clients were told: only a start finds a new epoch for it.
        Until then everything stays `unavailable`, and /healthz says so. Raises psycopg.OperationalError."""
        if self._place is not None and self.place() != self._place:
            self.close()
            if not self._told_of_replacement:
                log.error("the database is another one than before: start this server again", reading=self._read_only)
            self._told_of_replacement = True
            raise psycopg.OperationalError("the database was replaced")

    def commit(self) -> None:
        done = self._connection.execute("COMMIT").statusmessage
        if done != "COMMIT":  # what a job swallowed: the server rolls back, and says so without an error
            raise errors.InFailedSqlTransaction(f"the transaction ended with {done}")

    def roll_back(self) -> None:
        if self.in_transaction:
            with contextlib.suppress(psycopg.Error):  # a lost connection has rolled back
                self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def one_moment(self) -> Iterator[None]:
        if self.in_transaction:
            yield
            return
        self.begin_read()
        try:
            yield
        finally:
            self.roll_back()

    def data_version(self) -> int:
        self._looked += 1  # only the feed itself can tell
        return self._looked

    def tell_others(self) -> None:
        with contextlib.suppress(psycopg.Error):  # a hint; they look each second anyhow
            self._connection.execute(f"NOTIFY {CHANNEL}, '{self._connection.info.backend_pid}'")

    def passing(self, error: Exception) -> bool:
        return isinstance(_cause(error), errors.SerializationFailure | errors.DeadlockDetected)

    def refusal_for(self, error: Exception) -> Refusal | None:
        cause = _cause(error)
        if isinstance(cause, psycopg.DataError):
            problem = "Holds what the database cannot keep, such as a NUL character"
            return Refusal("invalid_payload", {"problem": problem})
        if isinstance(cause, _UNAVAILABLE):
            return Refusal("unavailable", {"reason": "The database does not answer as it should."}, retry_after=1.0)
        return None

    def put_triggers(self) -> None:
        if self.wrong_triggers():
            for statement in postgres_triggers.making(self._schema()):
                self._connection.execute(statement.encode())

    def wrong_triggers(self) -> list[str]:
        wanted = postgres_triggers.wanted(self._schema())
        present = postgres_triggers.present(self._connection)
        return sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))

    def _schema(self) -> str:
        row = self._connection.execute("SELECT current_schema()").fetchone()
        return str(row[0]) if row else "public"

    def damage(self) -> str:
        return ""  # the server checks its pages and keeps its references itself

    def place(self) -> str | None:
        row = self._connection.execute(_PLACE).fetchone()
        return str(row[0]) if row else None

    def claim_alone(self) -> bool:
        row = self._connection.execute(f"SELECT pg_try_advisory_xact_lock({SERVING})").fetchone()
        return bool(row and row[0])

    def serve(self) -> None:
        self._connection.execute(f"SELECT pg_advisory_lock_shared({SERVING})")
        self._serving = True
        self._place = self.place()

    def require_usable(self) -> None:
        """Raises StoreUnusable for a server too old, or a database that cannot hold every language."""
        row = self._connection.execute("SELECT current_setting('server_encoding')").fetchone()
        if self._connection.info.server_version < OLDEST:
            raise StoreUnusable("This PostgreSQL server is too old: version 13 or newer is needed.")
        if row is None or row[0] != "UTF8":
            raise StoreUnusable(
                "This database cannot hold every language. Make one that can:"
                " CREATE DATABASE fieldline TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
            )

    def unusable(self, error: Exception) -> Exception:
        return unusable(error)

    def close(self) -> None:
        self._connection.close()


def open_connection(url: str) -> psycopg.Connection[Any]:
    """A connection in autocommit; raises psycopg.Error, StoreUnusable for an address that cannot be read."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:  # its text may quote the password
        raise StoreUnusable(
            "FIELDLINE_DATABASE cannot be read. Write postgresql://USER:PASSWORD@HOST:PORT/NAME,"
            " with %XX for special characters."
        ) from None
    wanted: dict[str, Any] = {**_DEFAULTS, **given}
    return psycopg.connect(make_conninfo(**wanted), autocommit=True)


def unusable(error: Exception) -> StoreUnusable:
    """A driver's error at opening, as a sentence that says what to do. The driver quotes no password."""
    cause = _cause(error)
    text = str(cause).strip().replace("\n", " ")
    if isinstance(cause, errors.InsufficientPrivilege):
        return StoreUnusable(f"This database's user may not do what is needed ({text}). Make it the database's owner.")
    if isinstance(cause, psycopg.OperationalError):
        return StoreUnusable(f"The database cannot be used: {text}. Is FIELDLINE_DATABASE right, and does it run?")
    return StoreUnusable(f"The database cannot be used: {text}.")


def _cause(error: Exception) -> Exception:
    """The driver's own error under SQLAlchemy's."""
    found: Exception = getattr(error, "orig", None) or error
    return found
