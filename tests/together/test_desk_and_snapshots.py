"""Snapshots that are cut, asked for again and again, or older than what the desk holds."""

import asyncio

import pytest

from desktop.store.sqlcipher import connect
from tests.support.headless_desk import at_work
from tests.support.meddling_proxy import MeddlingProxy
from tests.support.small_world import World, world
from tests.support.sync_client import message


@pytest.mark.parametrize("cut_after", [0, 200, 1200])
def test_that_a_snapshot_cut_short_leaves_what_was_there_and_is_taken_again(tmp_path, cut_after):
    async def story(found: World) -> None:
        async with MeddlingProxy(found.server.url) as proxy:
            async with at_work(tmp_path / "p", proxy.url) as hands:
                await hands.live()
            backup = tmp_path / "restored"
            found.server.stop()
            found.server.command("backup", str(backup))
            found.server.command("restore", str(backup))
            found.server.start()
            found.do(found.customer, message(found.booking, "in the new epoch"))
            proxy.cut_snapshot_after = cut_after
            async with at_work(tmp_path / "p", proxy.url) as hands:
                await hands.until(lambda: proxy.cut_snapshots >= 2)
                assert hands.status(found.booking) == "pending"
                assert hands.texts(found.booking) == []
                assert hands.desk.link.phase != "live"
                proxy.cut_snapshot_after = None
                await hands.live()
                assert hands.texts(found.booking) == ["in the new epoch"]

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_server_that_asks_for_snapshot_after_snapshot_is_given_pauses(tmp_path):
    async def story(found: World) -> None:
        async with MeddlingProxy(found.server.url) as proxy, at_work(tmp_path / "p", proxy.url) as hands:
            await hands.live()
            proxy.snapshots_only = True
            first_sockets, first_snapshots = proxy.sockets, proxy.snapshots
            proxy.break_all()
            await hands.until(lambda: proxy.snapshots >= first_snapshots + 4)
            assert proxy.sockets - first_sockets >= 4
            assert "live" not in hands.phases[hands.phases.index("reconnecting") :]
            proxy.snapshots_only = False
            await hands.live()

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_desk_ahead_of_its_server_waits_for_it_and_shows_nothing_older(tmp_path):
    async def story(found: World) -> None:
        async with at_work(tmp_path / "p", found.server.url) as hands:
            await hands.live()
            profile, ahead = hands.desk.parts.profile, hands.desk.feed.position.seq + 3
        connection = connect(profile.directory / "cache.db", profile.key, durable=False)
        connection.execute("UPDATE position SET seq = ?", (ahead,))
        connection.close()
        async with at_work(tmp_path / "p", found.server.url) as hands:
            await hands.until(lambda: hands.phases.count("reconnecting") >= 2)
            assert "live" not in hands.phases
            assert hands.desk.feed.position.seq == ahead
            for number in range(4):
                found.do(found.customer, message(found.booking, str(number)))
            await hands.live()
            assert hands.desk.feed.position.seq >= ahead

    with world(tmp_path) as found:
        asyncio.run(story(found))
