"""A restored server is given what it had acknowledged also by a desk that was interrupted as it learned of it."""

import asyncio
import shutil

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
