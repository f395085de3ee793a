"""Tokens while the server cannot be reached: those who want one do not each run against the same wall."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from desktop.config import DesktopConfig
from desktop.network.errors import Unreachable
from desktop.network.http import ServerHttp
from desktop.state.changes import Changes
from desktop.store.profile import Profile
from desktop.sync.clock import Clock
from desktop.sync.session import BREATHER, RENEW_RETRY, Session, _Tokens
from tests.support.desk_builders import fresh_profile

LIFE = 100.0


class Outage:
    """A server that hangs up on everybody, a session whose token is `age` seconds old, and a clock to be turned."""

    def __init__(self, profile: Profile, age: float) -> None:
        self.asked = 0
        self.now = 1_000.0
        self._age = age
        self._profile = profile

    async def live(self, use: Callable[[Session], Awaitable[None]]) -> None:
        server = await asyncio.start_server(self._hang_up, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        http = ServerHttp(url, timeout=20.0)
        clock = Clock(lambda: self.now, lambda: self.now)
        session = Session(http, self._profile.outbox, Changes(), clock, DesktopConfig(Path(), url))
        session._tokens = _Tokens("old", "refresh", self.now - self._age, LIFE)
        try:
            await use(session)
        finally:
            await http.close()
            server.close()
            await server.wait_closed()

    async def _hang_up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        writer.close()


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Profile]:
    opened = fresh_profile(tmp_path)
    yield opened
    opened.close()


def test_that_one_failed_renewal_is_everybodys_for_a_moment(profile: Profile) -> None:
    outage = Outage(profile, age=LIFE + 1)

    async def use(session: Session) -> None:
        found = await asyncio.gather(*(session.token() for _ in range(5)), return_exceptions=True)
        assert [type(one) for one in found] == [Unreachable] * 5
        assert outage.asked == 1
        outage.now += BREATHER
        with pytest.raises(Unreachable):
            await session.token()
        assert outage.asked == 2

    asyncio.run(outage.live(use))


def test_that_a_token_still_good_is_used_while_no_newer_one_can_be_had(profile: Profile) -> None:
    outage = Outage(profile, age=LIFE * 0.85)

    async def use(session: Session) -> None:
        assert [await session.token() for _ in range(4)] == ["old"] * 4
        assert outage.asked == 1
        outage.now += RENEW_RETRY
        assert await session.token() == "old"
        assert outage.asked == 2

    asyncio.run(outage.live(use))
