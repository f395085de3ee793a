"""A desk and its files on a real server: starts without a network, older pages, damage, one desk at a time."""

import asyncio
import shutil
import time

import pytest
import sqlcipher3

from contract.operations import CreateBooking
from desktop.config import DesktopConfig
from desktop.intents.create_booking import create_booking
from desktop.state.changes import Changes
from desktop.store.errors import ProfileInUse
from desktop.sync.desk import build_desk
from tests.support.headless_desk import Hands, at_work
from tests.support.small_world import World, desk, world
from tests.support.sync_client import message, press


def test_that_a_start_without_a_network_shows_what_is_held_and_how_old_it_is(tmp_path):
    async def story(found: World) -> None:
        async with desk(found) as hands:
            hands.write(found.booking, "sent before")
            await hands.sent()
            await hands.until(lambda: hands.texts(found.booking) == ["sent before"])
        await asyncio.to_thread(found.link.down)
        began = time.perf_counter()
        async with at_work(tmp_path / "profile-operator", found.link.url) as hands:
            listed = hands.desk.reader.booking_lines(hands.desk.reader.order("all", "", hands.me), hands.me)
            took = time.perf_counter() - began
            assert [line.last_text for line in listed] == ["sent before"]
            assert hands.detail(found.booking).buttons == ("accept", "decline", "cancel")
            await hands.until(lambda: hands.desk.link.phase == "offline")
            assert hands.desk.link.as_of is not None
            assert "first_start_offline" not in dict(hands.notices)
            print(f"open and listed in {took * 1000:.0f} ms")

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_first_start_without_a_network_says_that_there_is_nothing_yet(tmp_path):
    async def story() -> None:
        async with at_work(tmp_path / "p", "http://127.0.0.1:9") as hands:
            await hands.until(lambda: "first_start_offline" in dict(hands.notices))
            assert hands.desk.link.phase == "signed_out"

    asyncio.run(story())


def held(hands: Hands, found: World) -> int:
    return len(hands.desk.reader.conversation(found.booking, hands.me, 1000).lines)


def four_hundred_lines(found: World) -> None:
    for start in range(0, 400, 40):
        lines = [message(found.booking, f"line {number}") for number in range(start, start + 40)]
        assert all(verdict["verdict"] == "applied" for verdict in found.do(found.customer, *lines))


def test_that_a_page_asked_for_at_the_very_moment_the_one_above_it_has_come_is_fetched_too(tmp_path, monkeypatch):
    """On the disk it is there a moment before the loop hears of it."""

    async def story(found: World) -> None:
        four_hundred_lines(found)
        async with desk(found) as hands:
            at_first, run = held(hands, found), hands.desk.worker.run

            async def and_asked_again(job):
                result = await run(job)
                monkeypatch.undo()
                hands.desk.older.want(found.booking)
                return result

            monkeypatch.setattr(hands.desk.worker, "run", and_asked_again)
            hands.desk.older.want(found.booking)
            page = 50
            await hands.until(lambda: held(hands, found) >= at_first + 2 * page)

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_older_lines_come_page_by_page_with_no_line_twice_or_missing(tmp_path):
    async def story(found: World) -> None:
        four_hundred_lines(found)
        async with desk(found) as hands:
            for _ in range(20):
                page = hands.desk.reader.conversation(found.booking, hands.me, 1000)
                if not page.more:
                    break
                before = len(page.lines)
                hands.desk.older.want(found.booking)
                await hands.until(lambda: held(hands, found) > before)  # noqa: B023 - awaited here
            texts = [line.text for line in page.lines if line.kind == "text"]
            assert texts == [f"line {number}" for number in range(400)]

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_working_offline_sends_nothing_until_it_ends(tmp_path):
    async def story(found: World) -> None:
        async with desk(found) as hands:
            hands.desk.set_work_offline(True)
            await hands.until(lambda: hands.desk.link.phase == "work_offline")
            hands.write(found.booking, "later")
            await asyncio.sleep(0.5)
            assert found.texts() == []
            hands.desk.set_work_offline(False)
            await hands.sent()
            assert found.texts() == ["later"]

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_booking_opened_offline_is_worked_on_at_once_and_keeps_its_place_when_it_is_stored(tmp_path):
    async def story(found: World) -> None:
        async with desk(found) as hands:
            reader = hands.desk.reader
            hands.desk.set_work_offline(True)
            await hands.until(lambda: hands.desk.link.phase == "work_offline")
            asked = CreateBooking("protection", customer_name="Layla", message="Where shall we meet?")
            booking = create_booking(hands.context, asked)
            hands.press(booking, "accept")
            hands.write(booking, "We are on our way.")
            here = reader.booking_lines(reader.order("all", "", hands.me), hands.me)
            assert (here[0].id, here[0].code, here[0].queued) == (booking, "", 3)
            assert (here[0].status, here[0].pending_status) == ("pending", "accepted")
            hands.desk.set_work_offline(False)
            await hands.sent()
            await hands.until(lambda: hands.desk.link.cursor == found.head())
            there = reader.booking_lines(reader.order("all", "", hands.me), hands.me)
            assert sorted(line.id for line in there) == sorted(line.id for line in here)
            assert hands.detail(booking).booking.code.startswith("REQ")
            assert hands.status(booking) == "accepted"
            assert hands.texts(booking) == ["Where shall we meet?", "We are on our way."]

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_change_at_a_sql_prompt_reaches_the_desk(tmp_path):
    async def story(found: World) -> None:
        async with desk(found) as hands:
            [database] = list(found.server.data_dir.glob("*.db"))
            prompt = sqlcipher3.connect(str(database))
            prompt.execute("UPDATE bookings SET status = 'deployed' WHERE id = ?", (found.booking,))
            prompt.commit()
            prompt.close()
            await hands.until(lambda: hands.status(found.booking) == "deployed")

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_cache_copied_away_and_damaged_while_running_is_rebuilt_by_itself(tmp_path):
    async def story(found: World) -> None:
        for number in range(50):
            found.do(found.customer, message(found.booking, f"{number} " + "x" * 500))
        async with desk(found) as hands:
            await hands.until(lambda: len(hands.texts(found.booking)) == 50)
        path = tmp_path / "profile-operator" / "cache.db"
        content = bytearray(path.read_bytes())
        for page in range(len(content) // 4096 // 2, len(content) // 4096):
            content[page * 4096 + 50] ^= 0xFF
        path.write_bytes(content)
        async with desk(found) as hands:
            found.do(found.staff, press(found.booking, "accept"))
            await hands.until(lambda: hands.desk.reader.booking(found.booking))
            await hands.until(lambda: hands.status(found.booking) == "accepted")
            await hands.until(lambda: len(hands.texts(found.booking)) == 50)
            assert "cache_rebuilt" in dict(hands.notices)
        shutil.rmtree(tmp_path / "profile-operator")

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_copied_profile_is_another_device_and_what_both_have_queued_happens_once(tmp_path):
    async def story(found: World) -> None:
        first, copy = tmp_path / "profile-operator", tmp_path / "copy"
        async with desk(found) as hands:
            hands.desk.set_work_offline(True)
            written = hands.write(found.booking, "queued in both")
            await hands.until(lambda: hands.desk.link.phase == "work_offline" and hands.desk.connection.joined is None)
        shutil.copytree(first, copy)
        async with at_work(first, found.link.url) as hands, at_work(copy, found.link.url) as twin:
            assert hands.desk.parts.device_id != twin.desk.parts.device_id
            await hands.sent()
            await twin.sent()
            device = hands.desk.parts.device_id
            for each in (hands, twin):
                await each.until(lambda: each.texts(found.booking) == ["queued in both"])  # noqa: B023 - awaited here
                op = each.desk.outbox.get(written)
                assert op is not None
                assert op.state == "sent"
        async with at_work(first, found.link.url) as hands:
            assert hands.desk.parts.device_id == device

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_one_profile_works_for_one_desk_at_a_time(tmp_path):
    desk_here = build_desk(DesktopConfig(tmp_path), Changes())
    with pytest.raises(ProfileInUse):
        build_desk(DesktopConfig(tmp_path), Changes())
    desk_here.close()
    build_desk(DesktopConfig(tmp_path), Changes()).close()
