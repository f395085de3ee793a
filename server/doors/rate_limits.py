"""How often one person or address may ask, by kind of request; over it, a refusal that says when to come back."""

import time
from typing import Literal

import limits
import msgspec
from limits.strategies import FixedWindowRateLimiter

from contract.errors import Refusal
from server.doors.window_counts import WindowCounts

Kind = Literal["sign_in", "sign_in_address", "sign_up", "public", "read", "write"]


class Rates(msgspec.Struct, frozen=True):
    """One rate per kind, in the `limits` library's words (`20/minute`, `5 per 2 second`). Defaults suit a desk."""

    sign_in: str = "20/minute"
    """Attempts per email address."""
    sign_in_address: str = "300/minute"
    """Attempts per network address: an office behind one address starts its day together."""
    sign_up: str = "30/hour"
    """New accounts, and addresses taken for old ones, per network address."""
    public: str = "1200/minute"
    """Requests without identity, per network address."""
    read: str = "1200/minute"
    """Per user."""
    write: str = "1200/minute"
    """Requests per user; one may carry 50 operations."""


class RateLimits:
    """Counts in memory, per process. Calls are made on the loop's thread and cost about 2 µs."""

    def __init__(self, rates: Rates) -> None:
        self._items: dict[str, limits.RateLimitItem] = {
            kind: limits.parse(getattr(rates, kind)) for kind in Rates.__struct_fields__
        }
        self._windows = FixedWindowRateLimiter(WindowCounts())

    def hit(self, kind: Kind, key: str, cost: int = 1) -> None:
        """Counts one request of `kind` by `key` (a user's id, an email, a network address); raises Refusal
        `rate_limited` with the seconds until its window ends."""
        item = self._items[kind]
        if self._windows.hit(item, kind, key, cost=cost):
            return
        stats = self._windows.get_window_stats(item, kind, key)
        wait = max(1.0, stats.reset_time - time.time())
        raise Refusal("rate_limited", {"rate": str(item)}, retry_after=wait)
