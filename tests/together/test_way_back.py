"""The way back after an outage: whichever of socket and HTTP is answered first brings the other."""

import asyncio

from tests.support.headless_desk import Hands, at_work, quicker
from tests.support.meddling_proxy import MeddlingProxy
from tests.support.small_world import World, desk, world

NEVER = quicker(backoff_first=20_000.0, backoff_cap=20_000.0)
"""Whoever failed once tries again in hours."""


async def fail_often_enough_to_poll(hands: Hands) -> None:
    facts = hands.desk.parts.link

    async def has_failed(times: int) -> None:
        await hands.until(lambda: facts.facts.failures >= times)

    await has_failed(1)
    hands.desk.connection.stir()
    await has_failed(2)


def test_that_the_socket_follows_at_once_where_http_is_answered_again(tmp_path):
    async def story(found: World) -> None:
        async with desk(found, times=NEVER) as hands:
            with found.link.while_down():
                await fail_often_enough_to_poll(hands)
            hands.desk.polling.stir()
            await hands.live(10)
            assert "polling" in hands.phases

    with world(tmp_path) as found:
        asyncio.run(story(found))


def test_that_a_socket_refused_while_http_is_answered_is_not_asked_for_at_every_poll(tmp_path):
    async def story(found: World) -> None:
        async with MeddlingProxy(found.server.url) as proxy, at_work(tmp_path / "p", proxy.url, times=NEVER) as hands:
            await hands.live()
            proxy.no_sockets = True
            proxy.break_all()
            await fail_often_enough_to_poll(hands)
            hands.desk.polling.stir()
            await hands.until(lambda: proxy.sockets_refused == 2)
            asked = proxy.requests
            await hands.until(lambda: proxy.requests >= asked + 5)
            assert (proxy.sockets_refused, hands.desk.link.phase) == (2, "polling")

    with world(tmp_path) as found:
        asyncio.run(story(found))
