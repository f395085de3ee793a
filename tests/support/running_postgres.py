"""A real PostgreSQL of the tests' own: a cluster in a temporary folder, fresh databases, and kill -9 when asked."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from contract.ids import new_id
from server.store.database import connect
from server.store.migrate import migrate
from server.store.settings import StoreSettings
from tests.bench.machine import family
from tests.support.engines import on_postgres, without_tables
from tests.support.scratch import in_memory

START_SECONDS = 60.0
_NOBODY = "65534"
_TEMPLATE = "fieldline_template"


def binaries() -> Path:
    """The folder with initdb and postgres: Debian keeps the server's programs off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    if not found and on_path is None:
        raise RuntimeError("These tests need a PostgreSQL server. Install it: apt-get install postgresql")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


class RunningPostgres:
    """A cluster; `fsync` on where durability is the point. Listens on a port of its own, on 127.0.0.1 only."""

    def __init__(self, folder: Path, *, fsync: bool) -> None:
        self._folder = folder
        self._fsync = fsync
        self._programs = binaries()
        self._process: subprocess.Popen[bytes] | None = None
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port: int = free.getsockname()[1]
        if os.geteuid() == 0:
            shutil.chown(folder, int(_NOBODY), int(_NOBODY))
        self._run(
            "initdb", "-D", str(folder / "data"), "-U", "fieldline", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )

    def url(self, database: str) -> str:
        return f"postgresql://fieldline@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Returns once it accepts."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "max_connections": "60",
            "max_wal_size": "64MB",
            "fsync": "on" if self._fsync else "off",
        }
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        arguments = self._as_nobody(
            "postgres", "-D", str(self._folder / "data"), "-p", str(self.port), "-k", "", *given
        )
        until = time.monotonic() + START_SECONDS
        while True:
            if self._process is None:
                with (self._folder / "log").open("ab") as log:
                    self._process = subprocess.Popen(arguments, stdout=log, stderr=log, start_new_session=True)
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise RuntimeError((self._folder / "log").read_text()[-3000:]) from None
                if self._process.poll() is not None:
                    self._process = None  # of a cluster just killed, some process may still hold its memory: once more
                    time.sleep(0.2)
                time.sleep(0.02)

    @property
    def pid(self) -> int | None:
        """Of the server's first process; None once that has ended."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def kill(self) -> None:
        """kill -9, its children too: nothing gets to finish."""
        self._end(kill_cluster)

    def stop(self) -> None:
        self._end(lambda pid: os.kill(pid, signal.SIGINT))  # "fast": does not wait for clients

    def _end(self, how: Callable[[int], None]) -> None:
        if self._process is not None:
            if self.pid is not None:
                how(self.pid)
            self._process.wait(30)
            self._process = None

    def fresh_database(self, *, empty: bool = False) -> str:
        """The URL of a new database, with the tables in it unless `empty`."""
        name = f"test_{new_id().replace('-', '')}"
        template = "template0" if empty else _TEMPLATE
        self.do("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Whoever is still connected to it is thrown out."""
        self.do("postgres", f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def make_template(self) -> None:
        self.do("postgres", f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0")
        link = connect(StoreSettings(self._folder, url=self.url(_TEMPLATE)))
        migrate(link)
        link.close()

    def do(self, database: str, *statements: str) -> list[tuple[Any, ...]]:
        """Each statement in its own transaction, as at a SQL prompt; the last one's rows."""
        return by_hand(self.url(database), *statements)

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(self._as_nobody(*arguments), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)

    def _as_nobody(self, program: str, *arguments: str) -> list[str]:
        """PostgreSQL refuses to run as root."""
        become = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
        return [*become, str(self._programs / program), *arguments]


def kill_cluster(pid: int) -> None:
    """kill -9 of a server's first process and then of its children, which stand in process groups of their own."""
    for process in family(pid):
        with contextlib.suppress(ProcessLookupError):  # a child may go with its parent
            os.kill(process, signal.SIGKILL)


def by_hand(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """A SQL prompt: each statement in its own transaction; the last one's rows."""
    rows: list[tuple[Any, ...]] = []
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
            rows = cursor.fetchall() if cursor.description else []
    return rows


@contextlib.contextmanager
def running_postgres(*, fsync: bool = True) -> Iterator[RunningPostgres]:
    """A started cluster with a template in it; nothing of it stays. Without `fsync` it is kept in memory: a database of
    its own for each of many tests is three hundred files each."""
    place = None if fsync else in_memory()
    with tempfile.TemporaryDirectory(prefix="fieldline-postgres-", dir=place, ignore_cleanup_errors=True) as folder:
        found = RunningPostgres(Path(folder), fsync=fsync)
        found.start()
        try:
            found.make_template()
            yield found
        finally:
            found.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[RunningPostgres]:
    """The session's cluster. Nothing on it needs to survive a power cut."""
    with running_postgres(fsync=False) as found:
        yield found


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """What this test's stores stand on; conftest.py of a folder says on what its tests are run."""
    name: str = getattr(request, "param", "sqlite")
    empty = request.node.get_closest_marker("empty_database") is not None
    if name == "sqlite":
        with without_tables() if empty else contextlib.nullcontext():
            yield name
        return
    cluster: RunningPostgres = request.getfixturevalue("postgres")
    urls: dict[Path, str] = {}

    def url_of(folder: Path) -> str:
        if folder not in urls:
            urls[folder] = cluster.fresh_database(empty=empty)
        return urls[folder]

    with on_postgres(url_of):
        yield name
    for url in urls.values():
        cluster.drop_database(url)


def on_both_engines(metafunc: pytest.Metafunc) -> None:
    """For a conftest's pytest_generate_tests: each test once on SQLite and once on PostgreSQL. A module or a test that
    is about SQLite's own ways says so: `@pytest.mark.sqlite`."""
    if metafunc.definition.get_closest_marker("sqlite"):
        return
    metafunc.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
