"""Turns answers into values or into this folder's errors, the same for HTTP and for the socket."""

from typing import Any, TypeVar

import msgspec

from contract.errors import ErrorBody
from desktop.network.errors import Busy, ContractBroken, NetworkError, NotSignedIn, Refused

T = TypeVar("T")
LONGEST_WAIT = 300.0
"""Seconds. Who is told to wait longer asks again after these: a slip in a proxy's settings must not keep a desk away
for a day, nor an operation's wait be taken for one noted under a wrong clock (outbox_lanes.FAR_FUTURE)."""
_BUSY_CODES = frozenset({"rate_limited", "internal", "unavailable"})
_TOKEN_CODES = frozenset({"unauthorized", "token_expired"})


def read_answer(content: bytes | msgspec.Raw, shape: type[T]) -> T:
    """The body in its shape; raises ContractBroken. Unknown fields are let be: the server may be newer."""
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ContractBroken(f"{shape.__name__}: {error}") from error


def refusal_of(status: int, content: bytes | msgspec.Raw, retry_after: str | None = None) -> NetworkError:
    """The error that an unhappy answer stands for. Something between us and the server may have written it, so its
    body need not be ours. Over the socket `status` is 0 and the code decides."""
    try:
        body = msgspec.json.decode(content, type=ErrorBody)
        code, message, details = body.code, body.message, body.details
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        code, message, details = f"http_{status}", f"The server answered with status {status}.", None
    if status >= 500 or status in {408, 425, 429} or code in _BUSY_CODES:
        return Busy(message, _seconds(retry_after, details), broke=status == 500 or code == "internal")
    if status == 401 or code in _TOKEN_CODES:
        return NotSignedIn(code, message, status or 401, details)
    return Refused(code, message, status, details)


def _seconds(header: str | None, details: Any) -> float | None:
    if header is None and isinstance(details, dict) and "retry_after_ms" in details:
        found, unit = details["retry_after_ms"], 1000.0
    else:
        found, unit = header, 1.0
    try:
        return min(max(0.0, float(found) / unit), LONGEST_WAIT) if found is not None else None
    except (TypeError, ValueError):
        return None
