"""A desk whose computer sleeps: told by logind on a real bus, over a real link that may be dead by then."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from desktop.network.errors import Unreachable
from tests.support.headless_desk import Hands, at_work, quicker, until
from tests.support.private_bus import FakeLogind, PrivateBus, fake_logind, private_bus
from tests.support.small_world import World
from tests.support.sync_client import message

SLOW = quicker(heartbeat=300.0, dead_after=300.0, wake_tick=300.0, request=300.0)
"""Neither a heartbeat nor a clock tells anything here."""


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[PrivateBus]:
    with private_bus(tmp_path) as running:
        yield running


@contextlib.asynccontextmanager
async def listening(found: World, bus: PrivateBus, profile: Path) -> AsyncIterator[tuple[Hands, FakeLogind]]:
    """A desk that is live and has a hold on the computer's sleep."""
    working = at_work(profile, found.link.url, times=SLOW, system_bus=bus.address)
    async with fake_logind(bus.address) as logind, working as hands:
        await hands.live()
        await hands.until(lambda: logind.is_held)
        yield hands, logind


async def sockets_are(found: World, count: int) -> None:
    """Asked a few times a second: more, and the server refuses to tell."""
    await until(lambda: sockets(found) == count, 60.0, pause=0.2)


def sockets(found: World) -> int:
    """Open at the server."""
    told = found.server.get("/metrics").text
    return next(int(float(line.split()[1])) for line in told.splitlines() if line.startswith("fieldline_sockets "))


def test_that_the_word_of_a_wake_finds_a_dead_link_long_before_a_heartbeat_would(
    found: World, bus: PrivateBus, tmp_path: Path
) -> None:
    async def story() -> None:
        async with listening(found, bus, tmp_path / "p") as (hands, logind):
            http, token = hands.desk.parts.http, await hands.desk.session.token()
            await http.me(token)
            found.link.strand()
            asking = asyncio.ensure_future(http.me(token))
            found.do(found.customer, message(found.booking, "while asleep"))
            await asyncio.sleep(0.2)
            assert "while asleep" not in hands.texts(found.booking)
            assert hands.desk.link.phase == "live"  # for all that it can know
            await logind.tell(asleep=False)
            await hands.until(lambda: "while asleep" in hands.texts(found.booking))
            with pytest.raises(Unreachable):
                await asking

    try:
        asyncio.run(story())
    finally:
        found.link.cut()  # at the server the stranded socket would live on into the next story


def test_that_a_desk_takes_leave_before_a_sleep_stays_away_and_comes_back(
    found: World, bus: PrivateBus, tmp_path: Path
) -> None:
    async def story() -> None:
        async with listening(found, bus, tmp_path / "p") as (hands, logind):
            await sockets_are(found, 1)
            await logind.tell(asleep=True)
            await hands.until(lambda: not logind.is_held)
            await hands.until(lambda: hands.desk.link.phase == "reconnecting")
            await sockets_are(found, 0)
            found.do(found.customer, message(found.booking, "good night"))
            await asyncio.sleep(0.2)
            assert (sockets(found), hands.desk.link.phase) == (0, "reconnecting")
            assert "good night" not in hands.texts(found.booking)
            await logind.tell(asleep=False)
            await hands.live()
            assert "good night" in hands.texts(found.booking)
            await hands.until(lambda: logind.is_held)

    asyncio.run(story())


@pytest.mark.parametrize("asleep", [True, False], ids=["while asleep", "while awake"])
def test_that_a_bus_that_vanishes_does_no_harm(found: World, bus: PrivateBus, tmp_path: Path, asleep: bool) -> None:
    async def story() -> None:
        async with listening(found, bus, tmp_path / "p") as (hands, logind):
            if asleep:
                await logind.tell(asleep=True)
                await hands.until(lambda: hands.desk.link.phase == "reconnecting")
            bus.vanish()
            await hands.live()
            op_id = hands.write(found.booking, "still here")
            await hands.sent()
            assert op_id in {row["id"] for row in found.rows("messages")}

    asyncio.run(story())


def test_that_a_desk_where_there_is_no_bus_works_as_ever(found: World, tmp_path: Path) -> None:
    async def story() -> None:
        nowhere = f"unix:path={tmp_path / 'nothing'}"
        async with at_work(tmp_path / "p", found.link.url, times=SLOW, system_bus=nowhere) as hands:
            await hands.live()
            await asyncio.sleep(0.2)
            assert hands.phases[-1] == "live"

    asyncio.run(story())
