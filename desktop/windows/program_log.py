"""Where the program writes what happens: a rotating log in the profile, and the stack of a crash beside it."""

import contextlib
import faulthandler
import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

import structlog

LOG_BYTES = 2_000_000


class _LogFile(RotatingFileHandler):
    """A line that the disk does not take is lost: the desk itself says that it is full, and must not end for that."""

    def handleError(self, record: logging.LogRecord) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # what is still in its buffer cannot be written either
            super().close()


class ProgramLog:
    """Texts of customers, tokens and passwords are never logged; the folder is for its owner alone all the same. Where
    the disk takes no more, there is none."""

    def __init__(self, profile_dir: Path) -> None:
        folder = profile_dir / "log"
        with contextlib.suppress(OSError):  # each line tries again
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / "fieldline.log"
        self._handler = _LogFile(file, maxBytes=LOG_BYTES, backupCount=3, encoding="utf-8", delay=True)
        logging.basicConfig(level=logging.INFO, handlers=[self._handler], format="%(message)s", force=True)
        logging.getLogger("httpx").setLevel(logging.WARNING)  # noqa: TID251 - the library's own logger
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            logger_factory=structlog.stdlib.LoggerFactory(),
        )
        self._crashes: TextIO | None = None
        with contextlib.suppress(OSError):
            self._crashes = (folder / "crash.log").open("a", encoding="utf-8")
            faulthandler.enable(self._crashes)

    def close(self) -> None:
        if self._crashes is not None:
            faulthandler.disable()
            self._crashes.close()
        self._handler.close()
