"""A cache that turns out to be damaged in the middle of something: a new one is filled, whoever found it out."""

import asyncio
from typing import Any, NoReturn

import pytest

from desktop.store.cache_writer import CacheWriter
from desktop.store.errors import Damaged
from tests.support.people_made import address
from tests.support.running_server import PASSWORD
from tests.support.small_world import World, desk


@pytest.fixture(autouse=True)
def _with_a_profile_of_its_own(found: World, booking: str, tmp_path) -> None:
    found.booking, found.folder = booking, tmp_path


def damaged(*_: Any) -> NoReturn:
    raise Damaged("a page is not what was written")


def test_that_damage_found_by_whoever_scrolls_up_leaves_no_live_desk_with_nothing_in_it(found: World, monkeypatch):
    async def story() -> None:
        async with desk(found) as hands:
            await hands.until(lambda: hands.desk.reader.booking(found.booking))
            with monkeypatch.context() as bad_page:
                bad_page.setattr(hands.desk.reader, "lowest_held", damaged)
                hands.desk.older.want(found.booking)
                await hands.until(lambda: "cache_rebuilt" in dict(hands.notices))
            await hands.until(lambda: hands.desk.reader.booking(found.booking), 5.0)
            await hands.live()

    asyncio.run(story())


def test_that_who_signs_out_over_a_damaged_cache_is_out_and_leaves_nothing_in_it(found: World, monkeypatch):
    async def story() -> None:
        async with desk(found) as hands:
            await hands.until(lambda: hands.desk.reader.booking(found.booking))
            with monkeypatch.context() as bad_page:
                bad_page.setattr(CacheWriter, "wipe", damaged)
                await hands.desk.sign_out()
            assert hands.desk.me is None
            assert hands.desk.reader.position().owner_id is None
            assert hands.desk.reader.find_booking(found.booking) is None
            await hands.desk.sign_in(address("second"), PASSWORD)
            await hands.until(lambda: hands.desk.reader.booking(found.booking))

    asyncio.run(story())


def test_that_who_signs_in_over_a_damaged_cache_is_in(found: World, monkeypatch):
    async def story() -> None:
        async with desk(found) as hands:
            await hands.until(lambda: hands.desk.reader.booking(found.booking))
            with monkeypatch.context() as bad_page:
                bad_page.setattr(CacheWriter, "wipe", damaged)
                await hands.desk.sign_in(address("second"), PASSWORD)
            await hands.until(lambda: hands.desk.sight == hands.me and hands.desk.reader.booking(found.booking))

    asyncio.run(story())


def test_that_who_signs_out_on_a_dead_line_leaves_nothing_behind_while_it_is_waited_for(found: World):
    async def story() -> None:
        async with desk(found) as hands:
            await hands.until(lambda: hands.desk.reader.booking(found.booking))
            found.link.black_hole()
            leaving = asyncio.ensure_future(hands.desk.sign_out())
            await hands.until(lambda: hands.desk.reader.position().owner_id is None, 2.0)
            assert not leaving.done()
            found.link.clear()
            await leaving

    asyncio.run(story())
