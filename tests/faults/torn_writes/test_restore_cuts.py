"""A server's restore that is killed, or loses power, at any moment: the past world or the restored one, each whole, and
what was put aside is whole too."""

import contextlib
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.store import sqlite
from server.store.backup import restore
from server.store.direct import write_directly
from server.store.settings import StoreSettings, StoreUnusable
from server.store.store import Store
from server.store.tables import profiles
from tests.faults.torn_writes.recorded_restore import BACKUP, NOW_MS
from tests.faults.torn_writes.trace import Disk, Step, record

pytestmark = pytest.mark.sqlite

BEFORE, RESTORED = ["Ann", "Bea"], ["Ann"]
LATER_MS = NOW_MS + 60_000
ASIDE = "fieldline.db.before-restore-*Z"


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> list[Step]:
    return record(tmp_path_factory.mktemp("recorded") / "data", seed=1, program="recorded_restore")


def cuts(steps: list[Step]) -> Iterator[tuple[int, str]]:
    """Killed after each step that is more than one page of many; without power at a sample of them."""
    begun = next(number for number, step in enumerate(steps) if step.path == "restoring")
    told = [n for n in range(begun + 1, len(steps) + 1) if steps[n - 1].kind != "W" or steps[n - 2].kind != "W"]
    yield from ((number, "all") for number in told)
    yield from random.Random(1).sample([(number, fate) for number in told for fate in ("none", "some")], 20)


def names(settings: StoreSettings) -> list[str]:
    """Whom a start finds; raises StoreUnusable."""
    store = Store.open(settings)
    try:
        rows = store.read_now(lambda tx: tx.rows(sa.select(profiles.c.name)))
        return sorted(row["name"] for row in rows)
    finally:
        store.close()


def names_aside(folder: Path) -> list[list[str]]:
    found = []
    for aside in folder.glob(ASIDE):
        with contextlib.closing(sqlite.open_file(aside)) as kept:
            assert kept.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            found.append(sorted(str(row[0]) for row in kept.execute("SELECT name FROM profiles").fetchall()))
    return found


def test_that_a_start_after_any_cut_finds_one_world_whole_or_says_how_to_get_it_back(
    steps: list[Step], tmp_path: Path
) -> None:
    outcomes = set()
    for number, fate in cuts(steps):
        settings = StoreSettings(tmp_path / f"{number}{fate}")
        Disk(steps[:number], random.Random(number), fate).put(settings.data_dir)
        told = f"unsynced {fate}, after step {number}: {steps[number - 1].kind} {steps[number - 1].path}"
        outcome = "served"
        try:
            found = names(settings)
        except StoreUnusable as refused:
            outcome = "refused"
            assert "before-restore" in str(refused), told
            with pytest.raises(StoreUnusable, match="before-restore"):
                write_directly(settings, lambda tx: None)
            assert not settings.database.exists(), told
            (aside,) = settings.data_dir.glob(ASIDE)
            aside.rename(settings.database)
            found = names(settings)
            assert found == BEFORE, told
        assert found in (BEFORE, RESTORED), told
        if found == RESTORED:
            assert names_aside(settings.data_dir) == [BEFORE], told
        outcomes.add((outcome, tuple(found)))
        shutil.rmtree(settings.data_dir)
    assert outcomes == {("served", ("Ann", "Bea")), ("served", ("Ann",)), ("refused", ("Ann", "Bea"))}


def test_that_a_restore_is_done_again_after_any_cut_and_all_that_was_put_aside_is_whole(
    steps: list[Step], tmp_path: Path
) -> None:
    for number, fate in cuts(steps):
        settings = StoreSettings(tmp_path / f"{number}{fate}")
        Disk(steps[:number], random.Random(number), fate).put(settings.data_dir)
        told = f"unsynced {fate}, after step {number}: {steps[number - 1].kind} {steps[number - 1].path}"
        restore(settings, settings.data_dir / BACKUP, LATER_MS)
        aside = names_aside(settings.data_dir)
        assert BEFORE in aside, told
        assert all(kept in (BEFORE, RESTORED) for kept in aside), told
        assert names(settings) == RESTORED, told
        shutil.rmtree(settings.data_dir)
