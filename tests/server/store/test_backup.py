"""A backup is one whole file taken while the server writes; a restore replaces the past under a new epoch."""

import asyncio
import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from contract.ids import new_id
from server.store import sqlite
from server.store.backup import back_up, restore
from server.store.checks import store_checks
from server.store.settings import StoreSettings, StoreUnusable
from server.store.store import Store
from server.store.tables import profiles
from tests.support.open_store import open_store
from tests.support.writing_desk import WritingDesk
from tests.support.writing_process import OLGA

pytestmark = pytest.mark.sqlite

NOW_MS = 1_795_000_000_000


def adding(name: str) -> Any:
    return lambda tx: tx.execute(sa.insert(profiles).values(id=new_id(), name=name, role="customer"))


def names(folder: Path) -> list[str]:
    with WritingDesk(folder) as desk:
        return [row["name"] for row in desk.rows(profiles)]


def test_that_a_backup_taken_while_the_server_writes_is_whole(tmp_path: Path) -> None:
    async def story() -> int:
        async with open_store(tmp_path / "data") as (store, _):
            writes = [store.write(adding(f"Person {number}")) for number in range(200)]
            head, *_ = await asyncio.gather(
                asyncio.to_thread(back_up, StoreSettings(tmp_path / "data"), tmp_path / "backup.db"), *writes
            )
            return int(head)

    head = asyncio.run(story())
    with sqlite3.connect(tmp_path / "backup.db") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT count(*) FROM profiles").fetchone() == (head,)
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    copy.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.db", "data"]
    assert (tmp_path / "backup.db").stat().st_mode & 0o077 == 0


def test_that_a_restored_past_has_a_new_epoch_and_the_replaced_database_is_kept(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup.db"
    settings = StoreSettings(data)
    epoch = write_names(settings, "Ann")
    back_up(settings, backup)
    write_names(settings, "Bea")
    aside = restore(settings, backup, NOW_MS)
    assert epoch_in(settings.database) not in (None, epoch)
    assert names(data) == ["Ann"]
    assert aside is not None
    with sqlite3.connect(aside) as kept:
        assert kept.execute("SELECT name FROM profiles ORDER BY id").fetchall() == [("Ann",), ("Bea",)]
    kept.close()
    renewed = write_names(settings)
    assert renewed != epoch
    assert write_names(settings) == renewed
    with WritingDesk(data) as desk:
        assert [check for check in desk.write(store_checks) if check.problem] == []


@pytest.mark.parametrize("left", [b"ruined" * 1000, b""])
def test_that_a_damaged_database_can_be_restored_over_and_is_kept_with_all_that_its_log_held(
    tmp_path: Path, left: bytes
) -> None:
    settings = StoreSettings(tmp_path / "data")
    crash_after(tmp_path, settings, "Bea in the log")
    settings.database.write_bytes(left)
    aside = restore(settings, tmp_path / "backup.db", NOW_MS)
    assert names(settings.data_dir) == ["Ann"]
    assert aside is not None
    kept = b"".join(file.read_bytes() for file in settings.data_dir.glob(f"{aside.name}*"))
    assert b"Bea in the log" in kept
    assert left[-100:] in kept


def test_that_a_log_left_by_a_database_that_was_moved_is_not_taken_for_the_restored_ones(tmp_path: Path) -> None:
    settings, moved = StoreSettings(tmp_path / "data"), tmp_path / "moved.db"
    crash_after(tmp_path, settings, "Bea")
    settings.database.rename(moved)
    with pytest.raises(StoreUnusable, match=r"fieldline.db-wal belongs to a database that is no longer beside it"):
        restore(settings, tmp_path / "backup.db", NOW_MS)
    log_of(settings.database).rename(log_of(moved))
    assert restore(settings, tmp_path / "backup.db", NOW_MS) is None
    assert names(settings.data_dir) == ["Ann"]
    with contextlib.closing(sqlite.open_file(moved)) as kept:
        assert kept.execute("SELECT name FROM profiles ORDER BY id").fetchall() == [("Ann",), ("Bea",)]


def test_that_a_database_that_another_program_has_open_is_not_put_aside(tmp_path: Path) -> None:
    settings = StoreSettings(tmp_path / "data")
    crash_after(tmp_path, settings, "Bea")
    others = sqlite.connect(settings.database, settings)
    with contextlib.closing(others), pytest.raises(StoreUnusable, match="locked by another program"):
        restore(settings, tmp_path / "backup.db", NOW_MS)
    assert names(settings.data_dir) == ["Ann", "Bea"]


def log_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")


def crash_after(folder: Path, settings: StoreSettings, name: str) -> None:
    """Leaves what a server leaves that was killed after it stored that name, and a backup from before: Ann is in both.
    The name is in the log only."""

    async def story() -> None:
        async with open_store(folder / "alive") as (store, _):
            await store.write(adding("Ann"))
            back_up(StoreSettings(folder / "alive"), folder / "backup.db")
            await store.write(adding(name))
            shutil.copytree(folder / "alive", settings.data_dir)

    asyncio.run(story())


def test_that_a_restore_is_refused_while_the_server_runs(tmp_path: Path) -> None:
    settings = StoreSettings(tmp_path / "data")
    write_names(settings, "Ann")
    back_up(settings, tmp_path / "backup.db")
    store = Store.open(settings)
    try:
        with pytest.raises(StoreUnusable, match="Stop it first"):
            restore(settings, tmp_path / "backup.db", NOW_MS)
    finally:
        store.close()


@pytest.mark.parametrize("content", [None, b"", b"not a database" * 500, "torn", "foreign", "newer"])
def test_that_what_is_no_good_backup_is_refused_and_nothing_touched(tmp_path: Path, content: Any) -> None:
    settings, backup = StoreSettings(tmp_path / "data"), tmp_path / "backup.db"
    write_names(settings, "Ann")
    make_bad(settings, backup, content)
    before = sorted(path.name for path in settings.data_dir.iterdir())
    with pytest.raises(StoreUnusable):
        restore(settings, backup, NOW_MS)
    assert names(settings.data_dir) == ["Ann"]
    assert {path.name for path in settings.data_dir.iterdir()} - set(before) <= {"server.lock"}


def make_bad(settings: StoreSettings, backup: Path, content: Any) -> None:
    if isinstance(content, bytes):
        backup.write_bytes(content)
    elif content == "foreign":
        with sqlite3.connect(backup) as other:
            other.execute("CREATE TABLE recipes(name)")
        other.close()
    elif content is not None:
        back_up(settings, backup)
        if content == "torn":
            whole = backup.read_bytes()
            backup.write_bytes(whole[: len(whole) // 2])
        else:
            with sqlite3.connect(backup) as newer:
                newer.execute("UPDATE alembic_version SET version_num='9999'")
            newer.close()


def test_that_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="no database"):
        back_up(StoreSettings(tmp_path), tmp_path / "backup.db")
    assert list(tmp_path.iterdir()) == []


def test_that_a_failed_backup_leaves_the_older_one(tmp_path: Path) -> None:
    settings = StoreSettings(tmp_path / "data")
    write_names(settings, "Ann")
    with pytest.raises(StoreUnusable):
        back_up(settings, tmp_path / "nowhere" / "backup.db")


def test_that_the_feed_goes_on_from_where_the_backup_was(tmp_path: Path) -> None:
    settings = StoreSettings(tmp_path / "data")
    with WritingDesk(settings.data_dir) as desk:
        desk.booking(OLGA)
        head = desk.writer.head
    back_up(settings, tmp_path / "backup.db")
    restore(settings, tmp_path / "backup.db", NOW_MS)
    with WritingDesk(settings.data_dir) as desk:
        desk.booking(OLGA)
        assert desk.batches[0].from_seq == head + 1


def epoch_in(database: Path) -> str | None:
    with sqlite3.connect(database) as found:
        row = found.execute("SELECT value FROM meta WHERE key='epoch'").fetchone()
    found.close()
    return None if row is None else str(row[0])


def write_names(settings: StoreSettings, *names: str) -> str:
    """Opens, writes, closes; the epoch it was served under."""

    async def story() -> str:
        async with open_store(settings.data_dir) as (store, _):
            for name in names:
                await store.write(adding(name))
            return store.epoch

    return asyncio.run(story())


def test_that_a_restore_cut_short_between_its_two_names_is_no_beginning_with_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_store(tmp_path) as (store, _):
            await store.write(adding("Ann"))

    asyncio.run(story())
    settings = StoreSettings(tmp_path)
    back_up(settings, tmp_path / "backup.db")
    settings.database.rename(tmp_path / "fieldline.db.before-restore-2026")
    with pytest.raises(StoreUnusable, match="clients have been told what was in it"):
        Store.open(settings)
    assert not settings.database.exists()
    restore(settings, tmp_path / "backup.db", NOW_MS)
    assert names(tmp_path) == ["Ann"]
