"""A desk without a network that holds one booking, what it tells, and snapshots that it is given."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contract.feed import SnapshotEnd, SnapshotHead, SnapshotPart
from desktop.config import DesktopConfig
from desktop.state.changes import Changes
from desktop.sync.desk import Desk, build_desk
from tests.support.desk_builders import ANN, booking_row, item, workflow

Lines = AsyncIterator[SnapshotHead | SnapshotPart | SnapshotEnd]
BOOKING = "00000000-0000-7000-8000-0000000000b1"


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[tuple[Desk, list[object]]]:
    """A desk that holds one booking, and what it tells from now on."""
    desk = build_desk(DesktopConfig(profile_dir=folder), Changes())
    desk.session.me = ANN
    desk.outbox.author_id = ANN.user_id
    await desk.feed.belong_to(ANN)
    await desk.worker.run(lambda cache: cache.put_workflows({"protection": workflow()}))
    await desk.feed._apply([item(1, "bookings", booking_row(BOOKING))], 1)
    told: list[object] = []
    desk.parts.changes.listen(bookings=told.append, conversation=told.append)
    try:
        yield desk, told
    finally:
        desk.close()


def give_snapshot(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, midway: Callable[[], Awaitable[object]] | None = None
) -> None:
    """The server gives a snapshot of two bookings; `midway` happens between them."""

    async def lines() -> Lines:
        yield SnapshotHead("e", 7, {"bookings": 2})
        yield SnapshotPart("bookings", [booking_row(BOOKING)])
        if midway is not None:
            await midway()
        yield SnapshotPart("bookings", [booking_row("another")])
        yield SnapshotEnd(True, 2)

    @asynccontextmanager
    async def snapshot(_: str) -> AsyncIterator[Lines]:
        yield lines()

    async def token() -> str:
        return "a token"

    monkeypatch.setattr(desk.parts.http, "snapshot", snapshot)
    monkeypatch.setattr(desk.session, "token", token)
