"""Turns answers into values or into this folder's errors, the same for HTTP and for the socket."""

from typing import Any, TypeVar

import msgspec

from contract.errors import ErrorBody
from desktop.network.errors import Busy, ContractBroken, Intercepted, NetworkError, NotSignedIn, Refused

T = TypeVar("T")
LONGEST_WAIT = 300.0
"""Seconds. Who is told to wait longer asks again after these: a slip in a proxy's settings must not keep a desk away
for a day, nor an operation's wait be taken for one noted under a wrong clock (outbox_lanes.FAR_FUTURE)."""
_BUSY_CODES = frozenset({"rate_limited", "internal", "unavailable"})
_TOKEN_CODES = frozenset({"unauthorized", "token_expired"})
_BUSY = frozenset({408, 425, 429})
_ASKS_WHO = frozenset({401, 407})
"""What is asked by something on the way concerns every request alike."""


def read_answer(content: bytes | msgspec.Raw, shape: type[T]) -> T:
    """The body in its shape; raises ContractBroken for JSON in another one, Intercepted for what is no JSON: our
    server speaks nothing else. Unknown fields are let be: it may be newer."""
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ContractBroken(f"{shape.__name__}: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _intercepted("no JSON") from error


def refusal_of(status: int, content: bytes | msgspec.Raw, retry_after: str | None = None) -> NetworkError:
    """The error that an unhappy answer stands for. Only what has the form of our refusals, and the status of one, is
    the server's. Over the socket, which nobody else can speak on, `status` is 0 and the code decides."""
    try:
        body = msgspec.json.decode(content, type=ErrorBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _not_ours(status, retry_after) if status else ContractBroken(f"refusal: {error}")
    if 0 < status < 400:
        return _not_ours(status, retry_after)
    code, message, details = body.code, body.message, body.details
    if status >= 500 or status in _BUSY or code in _BUSY_CODES:
        return Busy(message, _seconds(retry_after, details), broke=status == 500 or code == "internal")
    if status == 401 or code in _TOKEN_CODES:
        return NotSignedIn(code, message, status or 401, details)
    return Refused(code, message, status, details)


def _not_ours(status: int, retry_after: str | None) -> Intercepted:
    of_this_request = status == 500 or (400 <= status < 500 and status not in _BUSY | _ASKS_WHO)
    return _intercepted(f"status {status}", _seconds(retry_after, None), broke=of_this_request)


def _intercepted(what: str, retry_after: float | None = None, *, broke: bool = False) -> Intercepted:
    words = f"What answered is not the server ({what}): a proxy, perhaps, or a network that wants a sign-in."
    return Intercepted(words, retry_after, broke=broke)


def _seconds(header: str | None, details: Any) -> float | None:
    if header is None and isinstance(details, dict) and "retry_after_ms" in details:
        found, unit = details["retry_after_ms"], 1000.0
    else:
        found, unit = header, 1.0
    try:
        return min(max(0.0, float(found) / unit), LONGEST_WAIT) if found is not None else None
    except (TypeError, ValueError):
        return None
