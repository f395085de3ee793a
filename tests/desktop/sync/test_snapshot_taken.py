"""What is said of a snapshot while it is taken and after, and of bookings fetched one by one."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from contract.feed import BookingSnapshot
from contract.feed import Changes as FeedChanges
from desktop.network.errors import Unreachable
from tests.support.desk_builders import booking_row, item
from tests.support.one_booking_desk import BOOKING, give_snapshot, open_desk


async def cut() -> None:
    raise Unreachable("ReadError: the line is gone")


def test_that_a_snapshot_that_is_cut_is_not_said_to_be_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with open_desk(tmp_path) as (desk, _):
            give_snapshot(desk, monkeypatch, cut)
            with pytest.raises(Unreachable):
                await desk.feed.resync()
            assert (desk.link.snapshot_done, desk.link.snapshot_total) == (0, 0)

    asyncio.run(story())


def test_that_a_snapshot_or_a_move_that_is_kept_shows_that_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with open_desk(tmp_path) as (desk, _):
            desk.parts.link.disk(full=True)
            give_snapshot(desk, monkeypatch)
            await desk.feed.resync()
            assert not desk.link.disk_full
            desk.parts.link.disk(full=True)
            await desk.feed.move_to(8, "2026-11-22T09:00:00.000Z")
            assert not desk.link.disk_full

    asyncio.run(story())


def test_that_a_booking_fetched_beside_one_that_fails_never_takes_a_later_change_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with open_desk(tmp_path) as (desk, _):
            give_snapshot(desk, monkeypatch)
            await desk.feed.resync()
            arrives = asyncio.Event()
            before = BookingSnapshot("e", 7, {"bookings": [booking_row(BOOKING)]}, more=False)

            async def booking(_: str, booking_id: str) -> BookingSnapshot:
                if booking_id != BOOKING:
                    raise Unreachable("ReadError: the line is gone")
                await arrives.wait()
                return before

            async def authorised(call: Callable[[str], Awaitable[BookingSnapshot]]) -> BookingSnapshot:
                return await call("a token")

            monkeypatch.setattr(desk.parts.http, "booking", booking)
            monkeypatch.setattr(desk.session, "authorised", authorised)
            fetching = asyncio.ensure_future(desk.feed.fetch_anew(["another", BOOKING]))
            changed = [item(8, "bookings", booking_row(BOOKING, status="accepted"))]
            taking = asyncio.ensure_future(desk.feed.take([FeedChanges("e", 8, 8, changed)]))
            await asyncio.wait({taking}, timeout=0.2)
            arrives.set()
            with pytest.raises(Unreachable):
                await fetching
            await taking
            await asyncio.sleep(0.1)
            found = desk.reader.booking(BOOKING)
            assert found is not None
            assert found.status == "accepted"

    asyncio.run(story())
