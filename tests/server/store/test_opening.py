"""A database that cannot be served is refused, saying what to do; a replaced past gets a new epoch."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from server.store import sqlite
from server.store.epoch import EpochGuard
from server.store.settings import StoreSettings, StoreUnusable
from server.store.store import Store
from tests.support.writing_desk import WritingDesk
from tests.support.writing_process import OLGA

pytestmark = pytest.mark.sqlite


def opened_and_closed(folder: Path) -> tuple[str, int]:
    store = Store.open(StoreSettings(folder))
    try:
        return store.epoch, store.head
    finally:
        store.close()


def test_that_a_database_keeps_its_epoch_from_start_to_start(tmp_path: Path) -> None:
    assert opened_and_closed(tmp_path) == opened_and_closed(tmp_path)


def test_that_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    store = Store.open(StoreSettings(tmp_path))
    try:
        with pytest.raises(StoreUnusable, match="Another Fieldline server is running"):
            Store.open(StoreSettings(tmp_path))
    finally:
        store.close()
    opened_and_closed(tmp_path)


def test_that_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "fieldline.db").write_bytes(b"These are my holiday notes. " * 400)
    with pytest.raises(StoreUnusable, match=r"not a Fieldline database.*restore FILE"):
        Store.open(StoreSettings(tmp_path))
    assert (tmp_path / "fieldline.db").read_bytes().startswith(b"These are my holiday notes.")


def test_that_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "fieldline.db") as other:
        other.execute("CREATE TABLE recipes(name)")
    other.close()
    with pytest.raises(StoreUnusable, match="belongs to another program"):
        Store.open(StoreSettings(tmp_path))
    with sqlite3.connect(tmp_path / "fieldline.db") as other:
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("recipes",)]
    other.close()


def test_that_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    opened_and_closed(tmp_path)
    with sqlite3.connect(tmp_path / "fieldline.db") as other:
        other.execute("UPDATE alembic_version SET version_num='9999'")
    other.close()
    with pytest.raises(StoreUnusable, match="newer Fieldline"):
        Store.open(StoreSettings(tmp_path))


def test_that_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(StoreUnusable, match="name another --data"):
        Store.open(StoreSettings(tmp_path / "data"))


def test_that_a_refused_database_can_be_opened_once_it_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "fieldline.db"
    path.write_bytes(b"x" * 5000)
    with pytest.raises(StoreUnusable):
        Store.open(StoreSettings(tmp_path))
    path.unlink()
    assert opened_and_closed(tmp_path)[1] == 0


def test_that_a_database_copied_back_from_the_past_gets_a_new_epoch(tmp_path: Path) -> None:
    epoch, _ = opened_and_closed(tmp_path)
    shutil.copy(tmp_path / "fieldline.db", tmp_path / "kept.db")
    write_something(tmp_path)
    assert opened_and_closed(tmp_path)[0] == epoch
    shutil.copy(tmp_path / "kept.db", tmp_path / "fieldline.db")
    renewed, head = opened_and_closed(tmp_path)
    assert head == 0
    assert renewed != epoch
    assert opened_and_closed(tmp_path)[0] == renewed


def test_that_a_database_brought_from_elsewhere_gets_a_new_epoch(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    epochs = {opened_and_closed(here)[0], opened_and_closed(there)[0]}
    shutil.copy(there / "fieldline.db", here / "fieldline.db")
    assert opened_and_closed(here)[0] not in epochs


def test_that_a_guard_that_cannot_be_read_is_taken_for_a_replaced_past(tmp_path: Path) -> None:
    epoch, _ = opened_and_closed(tmp_path)
    (tmp_path / "epoch_guard").write_bytes(b"\xff{}")
    assert opened_and_closed(tmp_path)[0] != epoch


def test_that_the_guard_never_promises_more_than_is_stored(tmp_path: Path) -> None:
    opened_and_closed(tmp_path)
    write_something(tmp_path)
    _, head = opened_and_closed(tmp_path)
    guard = EpochGuard(tmp_path).read()
    assert guard is not None
    assert guard.head == head > 0


def test_that_only_its_owner_may_read_the_database(tmp_path: Path) -> None:
    opened_and_closed(tmp_path)
    assert (tmp_path / "fieldline.db").stat().st_mode & 0o077 == 0


def test_that_commits_wait_for_the_disk(tmp_path: Path) -> None:
    settings = StoreSettings(tmp_path)
    connection = sqlite.connect(settings.database, settings)
    found = {
        name: (connection.execute(f"PRAGMA {name}").fetchone() or (None,))[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
    }
    connection.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}


def write_something(folder: Path) -> None:
    epoch = opened_and_closed(folder)[0]
    with WritingDesk(folder) as desk:
        desk.booking(OLGA)
    assert opened_and_closed(folder)[0] == epoch
