"""Receipts that clients send over the socket: handed to the writer, and answered by nobody."""

from collections.abc import Callable
from typing import Any

import structlog

from contract.errors import Refusal
from server.store.store import Store
from server.store.transactions import WriteTx

_log = structlog.get_logger("receipts")


def write_receipt(store: Store, job: Callable[[WriteTx], Any]) -> None:
    """A refused one (no such booking, too much waiting) is healed by the next."""
    store.submit(job, _note_failure)


def _note_failure(result: Any) -> None:
    if isinstance(result, BaseException) and not isinstance(result, Refusal):
        _log.error("receipt failed", exc_info=result)
