"""The last-chance handler: what nobody caught is written to the log and told, and the window lives on."""

import asyncio
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any

import structlog

log = structlog.get_logger()


class LastChance:
    """`tell` shows the operator that something failed; it is set once there is a window to show it in."""

    def __init__(self) -> None:
        self.tell: Callable[[], None] = _nobody
        self.count = 0

    def install(self) -> None:
        """For slots and everything else that Qt or Python calls."""
        sys.excepthook = self._hook

    def install_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """For callbacks and forgotten tasks of the loop."""
        loop.set_exception_handler(self._loop_handler)

    def report(self, error: BaseException) -> None:
        self.count += 1
        log.error("not caught anywhere", exc_info=error)
        self.tell()

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.report(error)

    def _loop_handler(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.report(error)
        else:
            log.error("the loop complains", message=context.get("message", ""))


def _nobody() -> None:
    return
