"""The desk's engine and the server, both real, over a link that is pulled, cut and meddled with."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from contract.delivery import Delivery
from desktop.intents.mark_read import mark_read
from tests.support.headless_desk import at_work, until
from tests.support.small_world import World, desk, world
from tests.support.sync_client import assign, message, press


def test_that_three_lines_and_a_press_made_offline_arrive_once_in_order(tmp_path):
    async def story(found: World) -> None:
        async with desk(found) as hands:
            await asyncio.to_thread(found.link.down)
            await hands.until(lambda: hands.desk.link.phase in {"reconnecting", "offline"})
            hands.write(found.booking, "one")
            hands.press(found.booking, "accept")
            hands.write(found.booking, "two")
            hands.write(found.booking, "three")
            assert hands.deliveries(found.booking) == [Delivery.QUEUED] * 3
            assert hands.detail(found.booking).pending[0].delivery is Delivery.QUEUED
            await hands.until(lambda: hands.desk.link.phase == "offline")
            assert hands.desk.link.queued == 4
            assert hands.desk.link.offline_since is not None
            assert [op.attempts for op in hands.desk.outbox.unfinished()] == [0, 0, 0, 0]
            await asyncio.to_thread(found.link.up)
            await hands.live()
            await hands.sent()
            await hands.until(lambda: hands.desk.link.cursor == found.head())
            assert hands.texts(found.booking) == found.texts() == ["one", "two", "three"]
            assert hands.status(found.booking) == "accepted"
            assert len([step for step in found.steps() if step["to_status"] == "accepted"]) == 1
            order = [row["kind"] + ":" + row["message"][:3] for row in found.rows("messages")[1:]]
            assert order == ["text:one", "system:✅ Y", "text:two", "text:thr"]
            assert hands.deliveries(found.booking) == [Delivery.SENT] * 3

    with world(tmp_path) as found:
        asyncio.run(story(found))


OFFLINE_DESK = """
    import asyncio, sys
    from pathlib import Path
    from tests.support.headless_desk import at_work

    async def main():
        async with at_work(Path({profile!r}), {url!r}) as hands:
            if {fill}:
                await hands.live()
                hands.desk.set_work_offline(True)
                for number in range({fill}):
                    hands.write({booking!r}, f"line {{number}}")
                hands.press({booking!r}, "accept")
                print("filled", flush=True)
                hands.desk.set_work_offline(False)
            await asyncio.sleep(60)

    asyncio.run(main())
"""


def start_desk(found: World, fill: int) -> subprocess.Popen[str]:
    program = OFFLINE_DESK.format(
        profile=str(found.folder / "profile"), url=found.link.url, fill=fill, booking=found.booking
    )
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )


@pytest.mark.parametrize("after", [0.0, 0.02, 0.08])
def test_that_a_desk_killed_with_a_full_outbox_loses_and_doubles_nothing(tmp_path, after):
    """Killed `after` seconds into sending 40 lines and a press; then killed once more; then left to finish."""

    async def finish(found: World) -> None:
        async with at_work(found.folder / "profile", found.link.url) as hands:
            await hands.live()
            await hands.sent()

    with world(tmp_path) as found:
        for fill in (40, 0):
            process = start_desk(found, fill)
            assert process.stdout is not None
            if fill:
                assert "filled\n" in iter(process.stdout.readline, "")
            asyncio.run(asyncio.sleep(after if fill else 0.3 + after))
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()
        asyncio.run(finish(found))
        assert found.texts() == [f"line {number}" for number in range(40)]
        assert [step["to_status"] for step in found.steps()] == ["pending", "accepted"]
        assert len(found.texts("system")) == 2


def test_that_a_server_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(tmp_path):
    async def story(found: World) -> None:
        rooms = [found.server.create_booking(found.customer) for _ in range(20)]
        async with desk(found) as hands:
            await hands.until(lambda: all(hands.desk.reader.booking(room) for room in rooms))
            for number in range(5):
                for room in rooms:
                    hands.write(room, f"line {number}")
            for _ in range(3):
                await asyncio.sleep(0.05)
                await asyncio.to_thread(found.server.kill)
                await asyncio.to_thread(found.server.start)
            await hands.live()
            await hands.sent()
            for room in rooms:
                lines = [row["message"] for row in found.rows("messages", room) if row["kind"] == "text"]
                assert lines == [f"line {number}" for number in range(5)]
            await hands.until(lambda: hands.desk.link.cursor == found.head())
            assert all(hands.texts(room) == [f"line {number}" for number in range(5)] for room in rooms)
            assert hands.desk.outbox.unfinished() == []

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_desk_that_was_away_is_in_step_as_soon_as_it_is_back(tmp_path):
    async def story(found: World) -> None:
        async with desk(found) as hands:
            await asyncio.to_thread(found.link.down)
            for number in range(120):
                found.do(found.customer, message(found.booking, f"away {number}"))
            found.do(found.staff, press(found.booking, "accept"))
            await asyncio.sleep(1.0)
            await asyncio.to_thread(found.link.up)
            took = await hands.live()
            # Having caught up is itself news: the receipt of it may follow.
            await hands.until(lambda: hands.desk.link.cursor == found.head())
            assert hands.texts(found.booking) == [f"away {number}" for number in range(120)]
            assert hands.status(found.booking) == "accepted"
            print(f"in step {took * 1000:.0f} ms after the plug was back")

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_link_that_swallows_everything_is_noticed_by_the_heartbeat(tmp_path):
    async def story(found: World) -> None:
        async with desk(found) as hands:
            found.link.black_hole()
            op_id = hands.write(found.booking, "into the dark")
            took = await hands.until(lambda: hands.desk.link.phase != "live")
            assert took < 3.0
            found.link.clear()
            await asyncio.to_thread(found.link.cut)
            await hands.live()
            await hands.sent()
            assert found.texts() == ["into the dark"]
            assert hands.desk.outbox.trail(op_id)[-1][2] == "sent"

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_two_desks_that_press_different_buttons_make_one_history_and_one_card(tmp_path):
    async def story(found: World) -> None:
        async with desk(found) as first, at_work(found.folder / "b", found.server.url, "second") as second:
            await second.live()
            await asyncio.to_thread(found.link.down)
            await first.until(lambda: first.desk.link.phase == "offline")
            declined = first.press(found.booking, "decline", reason="no team")
            first.write(found.booking, "We are sorry.")
            second.press(found.booking, "accept")
            await second.sent()
            await asyncio.to_thread(found.link.up)
            await first.live()
            await first.until(lambda: first.detail(found.booking).conflicts)
            [card] = first.detail(found.booking).conflicts
            assert (card.op_id, card.transition) == (declined, "decline")
            assert (card.stands_status, card.by_name) == ("accepted", "Person second")
            assert card.stands_at == found.steps()[-1]["at"]
            assert card.legal == ("deploy", "cancel")
            # Never sent: the picture it was made on was gone before. The line it stands beside was.
            pressed = [op for op in first.desk.outbox.unfinished() if op.kind == "booking.transition"]
            assert [op.attempts for op in pressed] == [0]
            await first.until(lambda: found.texts() == ["We are sorry."])
            assert [step["to_status"] for step in found.steps()] == ["pending", "accepted"]
            assert first.desk.link.decisions == 1
            await second.until(lambda: second.status(found.booking) == "accepted")

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_press_that_was_overtaken_on_the_wire_gets_the_same_card_from_the_server(tmp_path):
    async def story(found: World) -> None:
        async with desk(found) as hands:
            # The other press is committed, and its news swallowed: ours goes out on the old picture.
            hands.desk.connection._sort = lambda frame: None  # type: ignore[method-assign]
            found.do(found.staff, press(found.booking, "accept"))
            hands.press(found.booking, "decline", reason="no team")
            await hands.until(lambda: hands.detail(found.booking).conflicts)
            [card] = hands.detail(found.booking).conflicts
            assert (card.stands_status, card.by_name) == ("accepted", "Person second")
            [op] = hands.desk.outbox.unfinished()
            assert (op.state, op.code) == ("rejected", "stale")

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_what_leaves_a_persons_sight_leaves_their_disk_and_comes_back_whole(tmp_path):
    async def story(found: World) -> None:
        me, other = found.ids["technician"], found.ids["other"]
        found.do(found.staff, assign(found.booking, provider_id=me))
        found.do(found.customer, message(found.booking, "Hello"))
        async with desk(found, "technician") as hands:
            await hands.until(lambda: hands.desk.reader.booking(found.booking))
            assert hands.texts(found.booking) == ["Hello"]
            found.do(found.staff, assign(found.booking, provider_id=other))
            await hands.until(lambda: hands.desk.reader.booking(found.booking) is None)
            assert hands.talk(found.booking).lines == ()
            assert list(hands.desk.reader.order("all", "", hands.me)) == []
            found.do(found.customer, message(found.booking, "not for the first"))
            found.do(found.staff, assign(found.booking, provider_id=me))
            await hands.until(lambda: hands.desk.reader.booking(found.booking))
            assert hands.texts(found.booking) == ["Hello", "not for the first"]

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_ticks_climb_on_the_other_sides_evidence_alone(tmp_path):
    async def story(found: World) -> None:
        async with desk(found) as hands, at_work(found.folder / "b", found.server.url, "second") as colleague:
            await colleague.live()
            hands.write(found.booking, "Good evening")
            await hands.until(lambda: hands.deliveries(found.booking) == [Delivery.SENT])
            await colleague.until(lambda: colleague.texts(found.booking) == ["Good evening"])
            await asyncio.sleep(0.5)
            assert hands.deliveries(found.booking) == [Delivery.SENT]
            seen = {"device_id": "phone", "cursor": found.head(), "read": []}
            found.customer.post("/sync/v1/receipts", json=seen).raise_for_status()
            await hands.until(lambda: hands.deliveries(found.booking) == [Delivery.DELIVERED])
            position = hands.talk(found.booking).lines[-1].position
            seen["read"] = [{"booking_id": found.booking, "position": position}]
            found.customer.post("/sync/v1/receipts", json=seen).raise_for_status()
            await hands.until(lambda: hands.deliveries(found.booking) == [Delivery.READ])

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_reading_here_is_known_there_even_when_it_happened_offline(tmp_path):
    async def story(found: World) -> None:
        found.do(found.customer, message(found.booking, "Hello?"))
        async with desk(found) as hands:
            await hands.until(lambda: hands.texts(found.booking) == ["Hello?"])
            [row] = hands.desk.reader.booking_lines(hands.desk.reader.order("all", "", hands.me), hands.me)
            assert row.unread == 1
            await asyncio.to_thread(found.link.down)
            position = hands.talk(found.booking).lines[-1].position
            assert position is not None
            mark_read(hands.context, found.booking, position)
            [row] = hands.desk.reader.booking_lines(hands.desk.reader.order("all", "", hands.me), hands.me)
            assert (row.unread, row.needs_answer) == (0, True)
            await asyncio.to_thread(found.link.up)
            await hands.live()
            await until(
                lambda: any(
                    receipt["user_id"] == found.ids["operator"] and receipt["read_position"] == position
                    for receipt in found.rows("receipts")
                )
            )
            epoch, marks = hands.desk.feed.position.epoch, hands.desk.outbox.marks
            await hands.until(lambda: marks.unconfirmed(hands.me.user_id, epoch) == {})

    with world(tmp_path) as found:
        asyncio.run(story(found))
