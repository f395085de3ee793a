"""Where the program writes what happens: a rotating log in the profile, and the stack of a crash beside it."""

import faulthandler
import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog

LOG_BYTES = 2_000_000


class ProgramLog:
    """Texts of customers, tokens and passwords are never logged; the folder is for its owner alone all the same."""

    def __init__(self, profile_dir: Path) -> None:
        folder = profile_dir / "log"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / "fieldline.log"
        self._handler = RotatingFileHandler(file, maxBytes=LOG_BYTES, backupCount=3, encoding="utf-8")
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
        self._crashes = (folder / "crash.log").open("a", encoding="utf-8")
        faulthandler.enable(self._crashes)

    def close(self) -> None:
        faulthandler.disable()
        self._crashes.close()
        self._handler.close()
