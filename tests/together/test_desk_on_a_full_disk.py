"""A disk that takes no more: said at once, nothing lost, and over as soon as there is room."""

import asyncio
from pathlib import Path
from typing import NoReturn

import pytest

from desktop.intents.live_desk import LiveDesk
from desktop.intents.save_draft import draft, save_draft
from desktop.network.errors import NotSignedIn
from desktop.store import cache_rebuilding, outbox_file
from desktop.store.errors import Damaged, DiskFull
from tests.support.headless_desk import QUICK, Hands, at_work
from tests.support.people_made import address
from tests.support.running_server import PASSWORD
from tests.support.small_world import World, desk
from tests.support.sync_client import message, press


@pytest.fixture(autouse=True)
def _with_a_booking_and_a_profile_of_its_own(found: World, tmp_path) -> None:
    found.booking = found.server.create_booking(found.customer)
    found.folder = tmp_path


def fill_cache(hands: Hands, full: bool) -> None:
    """Lets the cache grow no further than it is, or lets it grow again."""
    connection = hands.desk.parts.profile.worker._writer.connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0] if full else 1 << 30
    connection.execute(f"PRAGMA max_page_count = {pages}")


def refuse_writes(connection, refuse: bool) -> None:
    connection.execute(f"PRAGMA query_only = {'ON' if refuse else 'OFF'}")


def test_that_a_click_on_a_full_disk_is_refused_and_the_draft_stays(found: World):
    async def story() -> None:
        async with desk(found) as hands:
            save_draft(hands.context, found.booking, "Good evening")
            outbox = hands.desk.parts.profile.outbox._connection
            outbox.execute("PRAGMA query_only = ON")
            with pytest.raises(DiskFull):
                hands.write(found.booking, "Good evening")
            outbox.execute("PRAGMA query_only = OFF")
            assert draft(hands.context, found.booking) == "Good evening"
            assert hands.desk.outbox.unfinished() == []
            hands.write(found.booking, "Good evening")
            assert draft(hands.context, found.booking) == ""
            await hands.sent()
            assert found.texts() == ["Good evening"]

    asyncio.run(story())


def test_that_answers_that_cannot_be_noted_are_asked_for_again(found: World):
    async def story() -> None:
        async with desk(found) as hands:
            hands.desk.set_work_offline(True)
            for number in range(5):
                hands.write(found.booking, f"line {number}")
            outbox = hands.desk.parts.profile.outbox._connection
            outbox.execute("PRAGMA query_only = ON")
            hands.desk.set_work_offline(False)
            await hands.until(lambda: hands.desk.link.disk_full)
            assert "disk_full" in dict(hands.notices)
            outbox.execute("PRAGMA query_only = OFF")
            await hands.sent()
            await hands.until(lambda: not hands.desk.link.disk_full)
            assert found.texts() == [f"line {number}" for number in range(5)]

    asyncio.run(story())


def test_that_news_that_cannot_be_stored_is_fetched_once_there_is_room(found: World):
    async def story() -> None:
        async with desk(found) as hands:
            await hands.until(lambda: hands.desk.workflows)
            fill_cache(hands, True)
            for number in range(30):
                found.do(found.customer, message(found.booking, f"{number} " + "x" * 4_000))
            await hands.until(lambda: hands.desk.link.disk_full)
            assert hands.desk.link.phase != "live"
            fill_cache(hands, False)
            await hands.live()
            await hands.until(lambda: len(hands.texts(found.booking)) == 30)
            assert not hands.desk.link.disk_full

    asyncio.run(story())


def test_that_a_desk_that_starts_on_a_full_disk_says_so_and_makes_good_what_it_owes(found: World):
    async def story() -> None:
        async with at_work(found.folder / "p", found.link.url) as hands:
            desk, profile = hands.desk, hands.desk.parts.profile
            refuse_writes(profile.outbox._connection, True)
            profile.backed_up = False
            profile.put_off.now_or_later(profile.outbox.facts.try_room)
            copies = len(list((found.folder / "p").glob("outbox.backup-*")))
            await hands.until(lambda: desk.link.disk_full)
            await hands.until(lambda: "disk_full" in dict(hands.notices))
            assert not desk.session.signed_in
            refuse_writes(profile.outbox._connection, False)
            await hands.live()
            await hands.until(lambda: profile.backed_up and not desk.link.disk_full)
            assert len(list((found.folder / "p").glob("outbox.backup-*"))) == copies + 1
            refuse_writes(profile.outbox._connection, True)
            unknown = NotSignedIn("unauthorized", "Your token has run out.", 401)
            token = await desk.session.token()
            assert await desk._troubles.meet(unknown, token) == QUICK.disk_retry
            refuse_writes(profile.outbox._connection, False)
            assert desk.session.signed_in

    asyncio.run(story())


def test_that_a_disk_without_room_for_a_copy_is_said_while_work_goes_on(found: World, monkeypatch):
    async def story() -> None:
        async with at_work(found.folder / "p", found.link.url) as hands:
            profile = hands.desk.parts.profile
            profile.backed_up = False
            with monkeypatch.context() as little_room:
                little_room.setattr(outbox_file, "_LEFT_FREE", 1 << 60)
                await hands.until(lambda: "disk_low" in dict(hands.notices))
                await hands.live()
                hands.write(found.booking, "all the same")
                await hands.sent()
                assert not profile.backed_up
            await hands.until(lambda: profile.backed_up)
            assert [key for key, _ in hands.notices].count("disk_low") == 1
            assert "disk_full" not in dict(hands.notices)

    asyncio.run(story())


def test_that_a_cache_that_cannot_be_emptied_at_once_is_nobodys_to_see_and_emptied_later(found: World):
    async def story() -> None:
        async with desk(found) as hands:
            screen, cache = LiveDesk(hands.desk), hands.desk.worker._writer.connection
            await hands.until(lambda: screen.find_booking(found.booking))
            refuse_writes(cache, True)
            await hands.desk.sign_out()
            assert hands.desk.me is None
            assert hands.desk.link.disk_full
            await hands.desk.sign_in(address("technician"), PASSWORD)
            assert hands.desk.reader.find_booking(found.booking) is not None
            assert screen.find_booking(found.booking) is None
            assert list(await screen.order("all", "")) == []
            refuse_writes(cache, False)
            await hands.until(lambda: hands.desk.sight == hands.me)
            await hands.live()

    found.do(found.staff, press(found.booking, "accept"))
    asyncio.run(story())


def test_that_a_cache_found_damaged_on_a_full_disk_is_rebuilt_once_there_is_room(found: World, monkeypatch):
    def no_room(path: Path, key: bytes) -> NoReturn:
        raise DiskFull("database or disk is full")

    async def story() -> None:
        async with desk(found) as hands:
            await hands.until(lambda: hands.desk.reader.booking(found.booking))
            with monkeypatch.context() as full:
                full.setattr(cache_rebuilding, "open_cache", no_room)
                hands.desk.reader.on_damage(Damaged("a page is not what was written"))
                await hands.until(lambda: "disk_full" in dict(hands.notices))
                assert "cache_rebuilt" not in dict(hands.notices)
                assert hands.desk.reader.booking(found.booking) is not None
            await hands.until(lambda: "cache_rebuilt" in dict(hands.notices))
            await hands.until(lambda: hands.desk.reader.booking(found.booking) and not hands.desk.link.disk_full)
            await hands.live()

    asyncio.run(story())
