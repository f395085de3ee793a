"""Bookings looked up for rooms: what changed meanwhile is looked up again, and what nobody asks for is forgotten."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from contract.actors import Actor
from contract.ids import new_id
from contract.operations import PressTransition
from server.access.visibility import Visibility
from server.doors.supabase.realtime.room_access import RoomAccess
from server.store.store import Store
from server.store.transactions import ReadTx
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")


class LateReaders:
    """Read when asked, and answer when let go."""

    def __init__(self, desk: WritingDesk) -> None:
        self._desk = desk
        self._held: list[asyncio.Event] = []

    async def read(self, job: Callable[[ReadTx], Any]) -> Any:
        found = job(self._desk.writer.tx)
        self._held.append(let_go := asyncio.Event())
        await let_go.wait()
        return found

    async def hold(self, readings: int) -> None:
        """Returns once they hold so many."""
        for _ in range(1_000):
            if len(self._held) >= readings:
                return
            await asyncio.sleep(0)
        raise AssertionError(f"{readings} readings were expected, not {len(self._held)}")

    def let_go(self, which: int) -> None:
        """0 is the first of those held."""
        self._held.pop(which).set()


def test_that_a_booking_changed_during_a_look_is_looked_up_again_whoever_else_looked_meanwhile(tmp_path: Path) -> None:
    async def story(desk: WritingDesk) -> None:
        readers = LateReaders(desk)
        access = RoomAccess(cast(Store, readers), Visibility(desk.workflows))
        changed, other = desk.booking(OLGA), desk.booking(OLGA)
        early = asyncio.create_task(access.bookings({changed}))
        await readers.hold(1)
        desk.do(OLGA, "booking.transition", PressTransition("accept"), changed)
        access.publish(desk.batches[-1])
        late = asyncio.create_task(access.bookings({other}))
        await readers.hold(2)
        readers.let_go(1)
        assert (await late).keys() == {other}
        readers.let_go(0)
        await readers.hold(1)
        readers.let_go(0)
        facts = (await early)[changed]
        assert facts is not None
        assert facts.status == "accepted"

    with WritingDesk(tmp_path) as desk:
        asyncio.run(story(desk))


def test_that_changes_are_forgotten_though_there_is_always_somebody_looking(tmp_path: Path) -> None:
    async def story(desk: WritingDesk) -> None:
        readers = LateReaders(desk)
        access = RoomAccess(cast(Store, readers), Visibility(desk.workflows))
        standing = desk.booking(OLGA)
        look = asyncio.create_task(access.bookings({standing}))
        for _ in range(20):
            await readers.hold(1)
            desk.booking(OLGA)
            access.publish(desk.batches[-1])
            following = asyncio.create_task(access.bookings({standing}))
            await readers.hold(2)
            readers.let_go(0)
            await look
            look = following
        assert len(access._changed_at) <= 1
        readers.let_go(0)
        await look
        assert not access._changed_at

    with WritingDesk(tmp_path) as desk:
        asyncio.run(story(desk))
