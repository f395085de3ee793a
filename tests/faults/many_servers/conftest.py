"""Two servers of one PostgreSQL database, each in a process and a folder of its own, with the same signing key."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engines import on_postgres
from tests.support.people_made import make_people
from tests.support.running_postgres import RunningPostgres
from tests.support.running_server import RunningServer, running_server

PEOPLE = {"olga": ("operator", ()), "omar": ("operator", ()), "carla": ("customer", ())}
DATABASE_PASSWORD = "geheim4711"
"""Not asked for by the tests' cluster, and told nobody."""


@contextlib.contextmanager
def two_servers(folder: Path, url: str, **env: str) -> Iterator[tuple[RunningServer, RunningServer]]:
    with on_postgres(lambda _: url):
        make_people(folder / "one", PEOPLE)  # type: ignore[arg-type]
    given = {"FIELDLINE_DATABASE": url, "FIELDLINE_RATE_WRITE": "1000000/minute"} | env
    with running_server(folder / "one", env=given) as one:
        (folder / "two" / "data").mkdir(parents=True)
        shutil.copy(folder / "one/data/signing_key.pem", folder / "two/data/signing_key.pem")
        with running_server(folder / "two", env=given) as two:
            yield one, two


@pytest.fixture(scope="module")
def servers(postgres: RunningPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, ...]]:
    url = postgres.fresh_database().replace("fieldline@", f"fieldline:{DATABASE_PASSWORD}@")
    with two_servers(tmp_path_factory.mktemp("shared"), url, FIELDLINE_LOG_LEVEL="debug") as found:
        yield found
