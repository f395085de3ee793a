"""Who is at work in tier 6 is seen to be: nobody drops out without the run failing."""

import asyncio
import contextlib
import random
from typing import NamedTuple

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from contract.feed import JoinReply
from tests.faults.many_servers.client import Client
from tests.faults.many_servers.client_files import Files
from tests.faults.many_servers.notebook import Notebook
from tests.faults.many_servers.story import at_work


async def for_ever() -> None:
    await asyncio.Event().wait()


async def cancelled_by_nobody() -> None:
    raise asyncio.CancelledError


def test_that_a_client_whose_task_is_cancelled_by_nobody_ends_the_run() -> None:
    async def run() -> None:
        async with at_work(work() for work in (for_ever, cancelled_by_nobody, for_ever)):
            await for_ever()

    with pytest.raises(ExceptionGroup) as failed:
        asyncio.run(asyncio.wait_for(run(), 5))
    assert [str(error) for error in failed.value.exceptions] == ["cancelled by nobody"]


def test_that_all_are_told_to_go_at_the_end() -> None:
    async def run() -> bool:
        async with at_work(work() for work in (for_ever, for_ever)):
            await asyncio.sleep(0)
        return True

    assert asyncio.run(asyncio.wait_for(run(), 5))


def test_that_a_session_that_was_hung_up_leaves_nobody_marked_as_cancelled() -> None:
    """Seen in a long run: before Python 3.11.3 the next time limit that ran out was then taken for the client's end."""

    joins = []

    async def hang_up(socket: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):  # a client that is told to go does not say goodbye
            _, ref, topic, _, _ = msgspec.json.decode(await socket.recv())
            answer = {"status": "ok", "response": JoinReply("epoch", 0, 0, "delta", 0, {})}
            await socket.send(msgspec.json.encode(("1", ref, topic, "phx_reply", answer)).decode())
            joins.append(ref)
            await asyncio.sleep(0.05)

    async def marks() -> int:
        async with serve(hang_up, "127.0.0.1", 0) as server:
            [listening] = server.sockets
            place = Place(f"http://127.0.0.1:{listening.getsockname()[1]}")
            client = Client(Files("one", "someone", Notebook(), holds_rows=False), "token", [place], random.Random(1))
            work = asyncio.ensure_future(client.run())
            while len(joins) < 3:
                await asyncio.sleep(0.01)
            found = work.cancelling()
            work.cancel()
            await asyncio.wait([work])
            return found

    assert asyncio.run(asyncio.wait_for(marks(), 20)) == 0


class Place(NamedTuple):
    url: str
