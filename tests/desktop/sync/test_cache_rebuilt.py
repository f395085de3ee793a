"""A damaged cache that gives way to a new one while something is under way in it: that something is done again, and
nothing of it is lost or takes the engine with it."""

import asyncio
import threading
from pathlib import Path
from typing import NoReturn

import pytest

from desktop.intents.live_desk import LiveDesk
from desktop.store import cache_rebuilding
from desktop.store.cache_worker import open_cache
from desktop.store.cache_writer import CacheWriter
from desktop.store.errors import Damaged, DiskFull, Outdated, Unavailable
from tests.support.desk_builders import ANN, booking_row, item
from tests.support.one_booking_desk import BOOKING, give_snapshot, open_desk


def test_that_a_snapshot_whose_cache_is_rebuilt_under_it_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with open_desk(tmp_path) as (desk, _):
            give_snapshot(desk, monkeypatch, desk.parts.profile.rebuild_cache)
            with pytest.raises(Outdated) as cut:
                await desk.feed.resync()
            assert await desk._troubles.meet(cut.value) == 0.0
            assert desk.parts.profile.reader.position().feed.epoch is None
            await desk.feed.belong_to(ANN)
            give_snapshot(desk, monkeypatch)
            await desk.feed.resync()
            assert desk.reader.booking("another") is not None
            assert desk.feed.position.epoch == "e"

    asyncio.run(story())


def test_that_what_is_handed_in_while_the_cache_is_rebuilt_goes_to_the_new_one(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_desk(tmp_path) as (desk, _):
            rebuilt = threading.Event()
            rebuilding = asyncio.ensure_future(desk.parts.profile.rebuild_cache())
            rebuilding.add_done_callback(lambda _: rebuilt.set())
            await asyncio.sleep(0)
            asked = desk.worker.run(lambda cache: (rebuilt.wait(5), cache.position())[1])
            position, _ = await asyncio.gather(asked, rebuilding)
            assert position.owner_id is None

    asyncio.run(story())


def test_that_a_damaged_cache_that_cannot_be_moved_stays_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held_by_another_program(path: Path, mark: str) -> Path:
        raise PermissionError(13, "The file is in use", str(path))

    async def story() -> None:
        async with open_desk(tmp_path) as (desk, _):
            with monkeypatch.context() as held:
                held.setattr(Path, "replace", lambda self, target: held_by_another_program(self, str(target)))
                with pytest.raises(Unavailable):
                    await desk.parts.profile.rebuild_cache()
            assert desk.reader.booking(BOOKING) is not None
            await desk.feed._apply([item(2, "bookings", booking_row("another"))], 2)
            assert desk.reader.booking("another") is not None
            await desk.parts.profile.rebuild_cache()
            assert desk.reader.booking(BOOKING) is None

    asyncio.run(story())


def test_that_room_that_ends_between_the_trial_and_the_new_cache_leaves_the_damaged_one_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def room_for_one(path: Path, key: bytes) -> CacheWriter:
        opened.append(path)
        if len(opened) == 2:
            raise DiskFull("database or disk is full")
        return open_cache(path, key)

    async def story() -> None:
        async with open_desk(tmp_path) as (desk, _):
            with monkeypatch.context() as little_room:
                little_room.setattr(cache_rebuilding, "open_cache", room_for_one)
                with pytest.raises(DiskFull):
                    await desk.parts.profile.rebuild_cache()
            assert len(opened) == 3
            assert desk.reader.booking(BOOKING) is not None

    asyncio.run(story())
    assert list(tmp_path.glob("cache*damaged*")) == []


def test_that_damage_met_while_the_list_is_ordered_is_mended_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> NoReturn:
        raise Damaged("a page is not what was written")

    async def story() -> None:
        async with open_desk(tmp_path) as (desk, _):
            screen, found = LiveDesk(desk), list[Damaged]()
            desk.reader.on_damage = found.append
            monkeypatch.setattr("desktop.store.cache_worker.order", damaged)
            monkeypatch.setattr("desktop.store.cache_worker.views", damaged)
            assert list(await screen.order("all", "")) == []
            assert await screen.views() == []
            assert len(found) == 2

    asyncio.run(story())


def test_that_damage_met_by_many_at_once_makes_one_new_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []

    def counted(path: Path, key: bytes) -> CacheWriter:
        opened.append(path)
        return open_cache(path, key)

    async def story() -> None:
        async with open_desk(tmp_path) as (desk, _):
            monkeypatch.setattr(cache_rebuilding, "open_cache", counted)
            error = Damaged("a page is not what was written")
            mending = asyncio.ensure_future(desk._care.mend())
            desk.reader.on_damage(error)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            desk.reader.on_damage(error)
            await desk._troubles.meet(error)
            await asyncio.wait({mending}, timeout=0.2)
            assert [path.name for path in opened] == ["cache.tried.db", "cache.db"]
            mending.cancel()
            await asyncio.gather(mending, return_exceptions=True)

    asyncio.run(story())
