"""Receipts that clients send over the socket: handed to the writer, and answered by nobody."""

from collections.abc import Callable
from typing import Any

import structlog

from contract.errors import Refusal
from server.store.store import Store
from server.store.transactions import WriteTx

_log = structlog.get_logger("receipts")


def write_receipt(store: Store, job: Callable[[WriteTx], Any], untaken: Callable[[], None]) -> None:
    """`untaken` is called where the store could not take it just now (a full disk, too much waiting): its client takes
    it for told and will not say it again, so it is for the server to try once more. One refused for itself is over."""

    def done(result: Any) -> None:
        if isinstance(result, Refusal):
            if result.code == "unavailable":
                untaken()
        elif isinstance(result, BaseException):
            _log.error("receipt failed", exc_info=result)

    store.submit(job, done)
