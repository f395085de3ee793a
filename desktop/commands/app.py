"""Wires the desk that has no window: leads the profile for as long as a command takes, or hands the command over."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import msgspec
import structlog

from desktop.commands.printing import NobodyListens
from desktop.config import DesktopConfig
from desktop.handover.answering import Answering
from desktop.handover.door import Door
from desktop.handover.leading import lead_or_ask
from desktop.handover.requests import (
    MAX_REQUEST,
    AnyAnswer,
    AnyRequest,
    Asked,
    Ended,
    MessageLine,
    Tail,
    read_asked,
    write_line,
)
from desktop.state.changes import Changes
from desktop.store.errors import NoRoom, ProfileInUse, ProfileUnusable, StoreError
from desktop.sync.desk import Desk, build_desk
from desktop.windows.program_log import ProgramLog

AFTER_THE_WINDOW = 1.0
"""Seconds that a window which wants to lead is left to begin."""


class Running:
    """One command, wherever it is carried out: `hear` gets every answer but the last."""

    def __init__(self, config: DesktopConfig, request: AnyRequest, hear: Callable[[AnyAnswer], None]) -> None:
        self._config = config
        self._request = request
        self._hear = hear

    def run(self) -> Ended:
        """Until it has ended. Raises KeyboardInterrupt when it was interrupted."""
        structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
        # A polite end is an interruption like any other: the profile is closed and the next leader knows at once.
        signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
        try:
            read_asked(write_line(Asked("", self._request)))
        except msgspec.ValidationError as error:
            return Ended("refused", f"That cannot be asked: {error}.")
        if len(write_line(self._request)) > MAX_REQUEST - 1_000:
            return Ended("refused", "That is too long for one message.")
        try:
            return asyncio.run(self._carry_out())
        except NobodyListens:
            return Ended("done")
        except NoRoom as error:
            return Ended("disk_full", str(error))
        except (ProfileInUse, ProfileUnusable) as error:
            return Ended("unusable", str(error))
        except StoreError as error:
            return Ended("unusable", f"The profile cannot be used: {error}.")

    async def _carry_out(self) -> Ended:
        open_desk = partial(build_desk, self._config, Changes())
        with contextlib.ExitStack() as stack:
            while True:
                found = await lead_or_ask(
                    open_desk, self._config.profile_dir, lambda: self._request, self._config.server_url, self._note
                )
                if isinstance(found, Ended):
                    return found
                stack.callback(ProgramLog(self._config.profile_dir).close)
                ended = await self._lead(found)
                if ended.outcome != "aside":
                    return ended
                stack.close()
                await asyncio.sleep(AFTER_THE_WINDOW)

    async def _lead(self, desk: Desk) -> Ended:
        """This process is the one; others may knock meanwhile, and a window takes over."""
        aside = asyncio.Event()

        def make_room() -> Ended:
            aside.set()
            return Ended("aside")

        answering = Answering(desk, make_room)
        try:
            async with asyncio.TaskGroup() as group:
                running = group.create_task(desk.run())
                door = group.create_task(Door(self._config.profile_dir, answering, _as_it_is).run())
                answer = group.create_task(answering.answer(self._request, self._note))
                leaving = group.create_task(aside.wait())
                await asyncio.wait((answer, leaving, running), return_when=asyncio.FIRST_COMPLETED)
                desk.stop()
                for task in (door, answer, leaving):
                    task.cancel()
                await running
        except BaseExceptionGroup as failures:
            raise _first_of(failures) from None
        finally:
            desk.close()
        return answer.result() if answer.done() and not answer.cancelled() else Ended("aside")

    async def _note(self, answer: AnyAnswer) -> None:
        """What was followed up to here is not told again by another leader."""
        self._hear(answer)
        if isinstance(answer, MessageLine) and isinstance(self._request, Tail):
            after = max(answer.position, self._request.after or 0)
            self._request = msgspec.structs.replace(self._request, after=after)


def _first_of(failures: BaseExceptionGroup) -> BaseException:
    """The failure itself, however deep the groups."""
    first = failures.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first


def _as_it_is(task: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
    """No last chance here: a fault ends the command."""
    return task
