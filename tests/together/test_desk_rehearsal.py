"""After an outage: presses are rehearsed, what stands is sent, and a person is asked once about the rest."""

import asyncio
from typing import Any

from contract.delivery import Delivery
from contract.operations import CreateBooking
from desktop.intents.create_booking import create_booking
from desktop.sync.rehearsal import PRESSES
from tests.support.headless_desk import Hands, quicker
from tests.support.small_world import World, desk, world
from tests.support.sync_client import assign, press

AT_ONCE = quicker(rehearse_after=0.0)


def asked(hands: Hands) -> list[int]:
    return [values["count"] for key, values in hands.notices if key == "decisions_wanted"]


def metric(found: World, start: str) -> float:
    text = found.server.get("/metrics").text
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(start))


def rejected(found: World) -> float:
    lines = found.server.get("/metrics").text.splitlines()
    of_kind = [line for line in lines if line.startswith("fieldline_operations_total") and 'verdict="rejected"' in line]
    return sum(float(line.split()[-1]) for line in of_kind)


def rehearsals(found: World) -> float:
    return metric(found, 'fieldline_http_requests_total{method="POST",route="/sync/v1/rehearse"')


def state(hands: Hands, op_id: str) -> str | None:
    op = hands.desk.outbox.get(op_id)
    return op.state if op else None


async def outage(found: World, hands: Hands) -> None:
    await asyncio.to_thread(found.link.down)
    await hands.until(lambda: hands.desk.link.phase in {"reconnecting", "offline"})


def test_that_only_what_needs_a_person_is_asked_about_and_none_of_it_is_sent(tmp_path: Any) -> None:
    """A technician's job is given to someone else meanwhile: only the server can know that the press is void."""

    async def story(found: World) -> None:
        mine = [found.server.create_booking(found.customer, "techcare") for _ in range(3)]
        for booking in mine:
            found.do(found.staff, assign(booking, provider_id=found.ids["technician"]))
            found.do(found.staff, press(booking, "assign"))
        async with desk(found, "technician", times=AT_ONCE) as hands:
            await hands.until(lambda: all(hands.desk.reader.booking(booking) for booking in mine))
            await outage(found, hands)
            ops = [hands.press(booking, "set_off") for booking in mine]
            hands.write(mine[0], "On my way")
            later = hands.press(mine[2], "start_work")
            found.do(found.staff, assign(mine[2], provider_id=found.ids["other"]))
            await asyncio.to_thread(found.link.up)
            await hands.until(lambda: asked(hands))
            await hands.until(lambda: all(state(hands, op) == "sent" for op in ops[:2]))
            await hands.until(lambda: hands.deliveries(mine[0]) == [Delivery.SENT])
            states = [(op.op_id, op.state, op.code, op.attempts) for op in hands.desk.outbox.unfinished()]
            assert states == [(ops[2], "needs_decision", "booking_not_found", 0), (later, "blocked", None, 0)]
            assert asked(hands) == [1]
            assert (rehearsals(found), rejected(found)) == (1, 0)

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_short_gap_asks_nobody_and_many_presses_are_rehearsed_with_what_the_feed_has_overtaken(
    tmp_path: Any,
) -> None:
    async def story(found: World) -> None:
        bookings = [found.server.create_booking(found.customer) for _ in range(PRESSES)]
        async with desk(found) as hands:
            await hands.until(lambda: hands.desk.reader.booking(bookings[-1]))
            await outage(found, hands)
            pressed = hands.press(found.booking, "accept")
            await asyncio.to_thread(found.link.up)
            await hands.until(lambda: state(hands, pressed) == "sent")
            assert (rehearsals(found), asked(hands)) == (0, [])
            await hands.live()
            await outage(found, hands)
            ops = [hands.press(booking, "accept") for booking in bookings]
            found.do(found.staff, press(bookings[0], "decline", {"reason": "no team"}))
            await asyncio.to_thread(found.link.up)
            await hands.until(lambda: all(state(hands, op) == "sent" for op in ops[1:]))
            assert (rehearsals(found), asked(hands), rejected(found)) == (1, [1], 0)
            assert state(hands, ops[0]) == "needs_decision"
            await hands.live()
            await hands.sent()
            await hands.until(lambda: hands.desk.link.cursor == hands.desk.link.head)
            [card] = hands.detail(bookings[0]).conflicts
            assert (card.stands_status, card.by_name) == ("declined", "Person second")

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_press_in_a_booking_that_will_not_be_made_is_not_asked_about_by_itself(tmp_path: Any) -> None:
    async def story(found: World) -> None:
        async with desk(found, times=AT_ONCE) as hands:
            await hands.until(lambda: hands.desk.reader.booking(found.booking))
            taken = hands.detail(found.booking).booking.code
            await outage(found, hands)
            opened = create_booking(hands.context, CreateBooking("protection", customer_name="Layla", code=taken))
            pressed = hands.press(opened, "accept")
            await asyncio.to_thread(found.link.up)
            await hands.until(lambda: state(hands, opened) == "rejected")
            await hands.until(lambda: state(hands, pressed) == "blocked")
            assert (rehearsals(found), asked(hands)) == (1, [])

    with world(tmp_path) as found:
        asyncio.run(story(found))
