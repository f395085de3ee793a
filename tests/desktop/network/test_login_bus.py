"""What logind says is heard on a real message bus: by whom, and until when."""

import asyncio

import pytest
from dbus_fast import Message

from desktop.network.errors import BusLost
from desktop.network.login_bus import INTERFACE, PATH, login_bus
from tests.support.headless_desk import until
from tests.support.private_bus import connected, fake_logind, private_bus


@pytest.fixture
def bus(tmp_path):
    with private_bus(tmp_path) as found:
        yield found


def test_that_sleep_is_held_until_let_go_and_each_word_is_heard(bus):
    async def story():
        async with fake_logind(bus.address) as logind, login_bus(bus.address) as heard:
            with await heard.hold_sleep():
                assert logind.asked == [["sleep", "Fieldline", "Leaves the server", "delay"]]
                assert logind.is_held
                await logind.tell(asleep=True)
                assert await heard.about_to_sleep() is True
                assert logind.is_held
            await until(lambda: not logind.is_held)
            await logind.tell(asleep=False)
            assert await heard.about_to_sleep() is False

    asyncio.run(story())


def test_that_nobody_else_can_tell_us_to_sleep(bus):
    async def story():
        async with fake_logind(bus.address) as logind, login_bus(bus.address) as heard, connected(bus.address) as other:
            names = await other.call(Message("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "ListNames"))
            for name in names.body[0]:
                lie = Message.new_signal(PATH, INTERFACE, "PrepareForSleep", "b", [True])
                lie.destination = name
                await other.send(lie)
            await other.call(Message("org.freedesktop.DBus", "/", "org.freedesktop.DBus.Peer", "Ping"))
            await logind.tell(asleep=False)
            assert await heard.about_to_sleep() is False

    asyncio.run(story())


def test_that_a_bus_without_logind_grants_no_hold_and_does_no_harm(bus):
    async def story():
        async with login_bus(bus.address) as heard:
            with await heard.hold_sleep(), pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await heard.about_to_sleep()

    asyncio.run(story())


def test_that_a_bus_that_is_not_there_or_vanishes_is_said(bus, tmp_path):
    async def story():
        for address in (f"unix:path={tmp_path / 'nothing'}", "garbage", "/dev/null", "unix:path", "tcp:"):
            with pytest.raises(BusLost):
                async with login_bus(address):
                    pass
        with pytest.raises(BusLost):
            async with login_bus(bus.address) as heard:
                bus.vanish()
                await heard.ended()
        with pytest.raises(BusLost):
            async with login_bus(bus.address):
                pass

    asyncio.run(story())
