"""Asks the leader of a profile: one request, then its answers until the last."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from desktop.handover.meeting_point import NoLeader, Streams, meet
from desktop.handover.requests import MAX_ANSWER, AnyAnswer, AnyRequest, Asked, Ended, Heard, read_answer, write_line

CONNECT_SECONDS = 2.0
FIRST_ANSWER_SECONDS = 10.0
"""A leader that says nothing for this long is stopped or stuck; after its first word it may be silent for hours."""
Hear = Callable[[AnyAnswer], Awaitable[None]]


class LeaderGone(NoLeader):
    """It had taken the request, or may have."""


async def ask(profile_dir: Path, request: AnyRequest, server: str | None, hear: Hear) -> Ended:
    """`hear` gets each answer but the last, which is returned. Raises NoLeader when nobody is there, or whoever was
    there has gone before the last answer (LeaderGone): the same request may then be made again, here or elsewhere."""
    address, streams = await meet(profile_dir, MAX_ANSWER, CONNECT_SECONDS)
    try:
        return await _converse(streams, write_line(Asked(address.secret, request, server)) + b"\n", hear)
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise LeaderGone(str(error)) from error
    finally:
        streams[1].close()
        with contextlib.suppress(OSError):  # it may have been broken by the other side, which is as closed as can be
            await streams[1].wait_closed()


async def _converse(streams: Streams, line: bytes, hear: Hear) -> Ended:
    reader, writer = streams
    writer.write(line)
    await writer.drain()
    seconds: float | None = FIRST_ANSWER_SECONDS
    while True:
        try:
            async with asyncio.timeout(seconds):
                answered = await reader.readline()
        except TimeoutError as error:
            raise NoLeader("it does not answer") from error
        if not answered.endswith(b"\n"):
            raise LeaderGone("it went away")
        answer = read_answer(answered)
        if isinstance(answer, Ended):
            return answer
        seconds = None
        if not isinstance(answer, Heard):
            await hear(answer)
