"""The leader's door: takes the requests of other Fieldlines on this profile, and answers them from the one desk."""

import asyncio
import contextlib
import hmac
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import structlog

from desktop.handover.answering import Answering
from desktop.handover.meeting_point import Address, meeting_point
from desktop.handover.requests import MAX_REQUEST, AnyAnswer, Asked, Ended, Heard, read_asked, write_line
from desktop.sync.together import run_together

REQUEST_SECONDS = 5.0
MAX_GUESTS = 16
TRY_AGAIN = 5.0
"""Seconds until a door is tried again that could not be opened: the disk may be full."""
Guard = Callable[[Coroutine[Any, Any, None]], Coroutine[Any, Any, None]]
log = structlog.get_logger()


class Door:
    """`guard` wraps each guest's task, so that a fault there is reported and ends it alone."""

    def __init__(self, profile_dir: Path, answering: Answering, guard: Guard) -> None:
        self._profile_dir = profile_dir
        self._answering = answering
        self._guard = guard
        self._guests = 0

    async def run(self) -> None:
        """Until it is cancelled; then every guest is cut off, and asks again or takes over."""
        async with asyncio.TaskGroup() as group:

            def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                if self._guests >= MAX_GUESTS:
                    writer.close()
                else:
                    self._guests += 1
                    group.create_task(self._guard(self._receive(address, reader, writer)))

            while True:
                try:
                    async with meeting_point(self._profile_dir, taken, MAX_REQUEST) as address:
                        await asyncio.Event().wait()
                except OSError as error:
                    log.warning("no door yet", why=str(error))
                    await asyncio.sleep(TRY_AGAIN)

    async def _receive(self, address: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await self._read(address, reader)
            if asked is not None:
                await run_together(self._answer(asked, writer), _until_gone(reader))
        except OSError as error:
            log.info("guest gone", why=type(error).__name__)
        finally:
            self._guests -= 1
            writer.close()
            with contextlib.suppress(OSError):  # a guest that went first has broken it already
                await writer.wait_closed()

    async def _read(self, address: Address, reader: asyncio.StreamReader) -> Asked | None:
        """None for what is no request, comes too slowly, is too long or does not know the secret: it gets no answer."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                asked = read_asked(await reader.readline())
        except (TimeoutError, ValueError, msgspec.DecodeError) as error:
            log.warning("guest turned away", why=type(error).__name__)
            return None
        if not hmac.compare_digest(asked.secret.encode(), address.secret.encode()):
            log.warning("guest turned away", why="wrong secret")
            return None
        return asked

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        async def say(answer: AnyAnswer) -> None:
            writer.write(write_line(answer) + b"\n")
            await writer.drain()

        await say(Heard())
        await say(await self._answer_from_desk(asked, say))

    async def _answer_from_desk(self, asked: Asked, say: Callable[[AnyAnswer], Awaitable[None]]) -> Ended:
        here = self._answering.server_url
        if asked.server is not None and here and asked.server != here:
            return Ended("refused", f"The Fieldline that runs here works with {here}, not with {asked.server}.")
        return await self._answering.answer(asked.request, say)


async def _until_gone(reader: asyncio.StreamReader) -> None:
    """Nothing more is expected of a guest but that it goes."""
    await reader.read(1)
