"""What the server was too busy to take, of who has a booking open and who types there, is told again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from desktop.network.errors import Busy
from desktop.network.socket import SyncSocket
from desktop.sync.companionship import Companionship
from tests.support.headless_desk import until
from tests.support.one_booking_desk import BOOKING, open_desk


class TiredSocket:
    """Takes every request but those whose numbers are in `busy_at`."""

    def __init__(self, *busy_at: int) -> None:
        self._busy_at = busy_at
        self.asked: list[str] = []
        self.taken: list[str] = []

    async def request(self, topic: str, event: str, payload: bytes, *_: Any) -> dict[str, Any]:
        said = f"{event} {'true' in payload.decode()}" if event == "presence" else event
        self.asked.append(said)
        if len(self.asked) in self._busy_at:
            raise Busy("Too many requests.", 0.01)
        self.taken.append(said)
        return {}

    async def push(self, topic: str, event: str, payload: bytes) -> None:
        """Leaving a room has no answer."""


@asynccontextmanager
async def at_company(folder: Path, socket: TiredSocket) -> AsyncIterator[Companionship]:
    """Served by that socket, with the booking open."""
    async with open_desk(folder) as (desk, _):
        company = Companionship(desk.parts)
        serving = asyncio.ensure_future(company.serve(cast(SyncSocket, socket)))
        company.set_open(BOOKING)
        try:
            yield company
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


def test_that_a_room_that_could_not_be_joined_for_too_many_requests_is_joined_a_little_later(tmp_path: Path) -> None:
    async def story(socket: TiredSocket) -> None:
        async with at_company(tmp_path, socket):
            await until(lambda: socket.taken[:2] == ["phx_join", "presence False"], 5.0)

    asyncio.run(story(TiredSocket(1)))


def test_that_the_end_of_typing_is_told_though_the_server_was_busy_just_then(tmp_path: Path) -> None:
    async def story(socket: TiredSocket) -> None:
        async with at_company(tmp_path, socket) as company:
            await until(lambda: "presence False" in socket.taken)
            company.set_typing(True)
            await until(lambda: "presence True" in socket.taken)
            company.set_typing(False)
            await until(lambda: socket.taken[-1] == "presence False", 5.0)
            assert len(socket.asked) == 5

    asyncio.run(story(TiredSocket(4)))
