"""Tokens when things go wrong: nobody to be reached, and people who come and go while an answer is under way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.config import DesktopConfig
from desktop.network.errors import NotSignedIn, Unreachable
from desktop.network.http import ServerHttp, SignInAnswer
from desktop.state.changes import Changes
from desktop.store.profile import Profile
from desktop.sync.clock import Clock
from desktop.sync.saved_session import Tokens
from desktop.sync.session import BREATHER, RENEW_RETRY, Session, _me_of
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
        session._tokens = Tokens("old", "refresh", self.now - self._age, LIFE)
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


class Reception(Outage):
    """Renews Anna's token only once `answer` is set, or refuses it."""

    def __init__(self, profile: Profile, *, refuses: bool = False) -> None:
        super().__init__(profile, age=LIFE + 1)
        self.answer = asyncio.Event()
        self._refuses = refuses

    async def _hang_up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        await self.answer.wait()
        status = "400 Bad Request" if self._refuses else "200 OK"
        refusal = {"code": "invalid_grant", "message": "The refresh token is not valid any more."}
        body = msgspec.json.encode(refusal if self._refuses else session_of("anna"))
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()


def session_of(person: str) -> dict[str, Any]:
    """GoTrue's."""
    about = {"id": person, "email": f"{person}@desk.example", "role": "authenticated"}
    meta = {"user_metadata": {"name": person}, "app_metadata": {"role": "operator", "departments": []}}
    return {"access_token": f"T-{person}", "refresh_token": "r", "expires_in": LIFE, "user": about | meta}


def signs_in(session: Session, person: str) -> None:
    answer = msgspec.convert(session_of(person), SignInAnswer)
    session._become(_me_of(answer), session._tokens_of(answer))


@pytest.mark.parametrize("next_one", ["ben", None])
@pytest.mark.parametrize("refuses", [False, True])
def test_that_a_renewal_that_comes_after_its_person_has_left_is_nobodys(
    profile: Profile, next_one: str | None, *, refuses: bool
) -> None:
    reception = Reception(profile, refuses=refuses)

    async def use(session: Session) -> None:
        renewing = asyncio.ensure_future(session.renew("old"))
        while not reception.asked:
            await asyncio.sleep(0)
        session._become(None, None)
        if next_one:
            signs_in(session, next_one)
        reception.answer.set()
        with pytest.raises(NotSignedIn):
            await renewing
        assert session.signed_in is bool(next_one)
        assert (session.me and session.me.user_id) == next_one
        if next_one:
            assert await session.token() == "T-ben"

    asyncio.run(reception.live(use))


def test_that_what_one_person_asks_never_goes_out_in_the_next_ones_name(profile: Profile) -> None:
    reception = Reception(profile)
    used: list[str] = []

    async def use(session: Session) -> None:
        signs_in(session, "anna")

        async def call(token: str) -> str:
            used.append(token)
            signs_in(session, "ben")
            raise NotSignedIn("unauthorized", "Sign in first.", 401)

        with pytest.raises(NotSignedIn):
            await session.authorised(call)
        assert used == ["T-anna"]

    asyncio.run(reception.live(use))
