"""A restored server is given again what it had: by a desk interrupted as it learned of it, by two in any order."""

import asyncio
import shutil

from contract.operations import CreateBooking
from desktop.intents.create_booking import create_booking
from tests.support.headless_desk import at_work
from tests.support.small_world import World, world


def test_that_a_crash_just_as_the_restore_is_learned_of_leaves_nothing_behind(tmp_path):
    async def story(found: World) -> None:
        profile, ahead = tmp_path / "p", tmp_path / "ahead"
        async with at_work(profile, found.server.url) as hands:
            await hands.live()
        shutil.copytree(profile, ahead)
        found.server.command("backup", str(tmp_path / "backup"))
        async with at_work(profile, found.server.url) as hands:
            await hands.live()
            hands.write(found.booking, "after the backup")
            await hands.sent()
        await asyncio.to_thread(found.server.stop)
        found.server.command("restore", str(tmp_path / "backup"))
        await asyncio.to_thread(found.server.start)
        async with at_work(ahead, found.server.url) as hands:
            await hands.live()
        # The cache is in the new history, the outbox has not learned of it: a crash between the two commits.
        for file in profile.glob("cache.db*"):
            file.unlink()
        for file in ahead.glob("cache.db*"):
            shutil.copy(file, profile)
        async with at_work(profile, found.server.url) as hands:
            await hands.live()
            await hands.until(lambda: found.texts() == ["after the backup"])
            assert ("server_restored", {"resent": 1}) in hands.notices

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_line_in_a_colleagues_booking_waits_until_that_colleague_brings_it_back(tmp_path):
    async def story(found: World) -> None:
        found.server.command("backup", str(tmp_path / "backup"))
        async with at_work(tmp_path / "b", found.server.url, "second") as second:
            async with at_work(tmp_path / "a", found.server.url) as first:
                await second.live()
                opened = create_booking(first.context, CreateBooking("protection"))
                await second.until(lambda: second.desk.reader.booking(opened))
                line = second.write(opened, "On our way")
                await second.sent()
            await asyncio.to_thread(found.server.stop)
            found.server.command("restore", str(tmp_path / "backup"))
            await asyncio.to_thread(found.server.start)
            await second.until(lambda: ("server_restored", {"resent": 1}) in second.notices)
            await second.until(lambda: (op := second.desk.outbox.get(line)) and op.attempts > 2)
            async with at_work(tmp_path / "a", found.server.url) as first:
                await second.until(lambda: second.desk.outbox.state_of(line) == "sent")
                await second.until(lambda: first.texts(opened) == second.texts(opened) == ["On our way"])

    with world(tmp_path) as found:
        asyncio.run(story(found))
