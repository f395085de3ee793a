"""How long to wait before trying again: longer each time, never the same for two clients, and never for good."""

import random
from collections.abc import Callable

HEALTHY_AFTER = 60.0
"""Seconds of working link after which failures are forgotten."""
STEEPEST = 7


def wait_before(failures: int, first: float, cap: float, chance: Callable[[], float] = random.random) -> float:
    """Full jitter: anywhere between nothing and `first` doubled per failure, at most `cap`. Seconds."""
    return chance() * min(cap, first * 2.0 ** min(max(failures, 0), STEEPEST))


class Backoff:
    """Counts failures in a row. `retry_after`, where the server gave one, is the least that is waited."""

    def __init__(self, first: float, cap: float, chance: Callable[[], float] = random.random) -> None:
        self._first = first
        self._cap = cap
        self._chance = chance
        self.failures = 0

    def failed(self, retry_after: float | None = None) -> float:
        """Seconds to wait now."""
        wait = wait_before(self.failures, self._first, self._cap, self._chance)
        self.failures += 1
        return max(wait, retry_after or 0.0)

    def lasted(self, seconds: float) -> None:
        """A link that held this long; a short one may be part of the trouble and does not count."""
        if seconds >= HEALTHY_AFTER:
            self.failures = 0

    def reset(self) -> None:
        """The world has changed: a wake-up, another network, a person's "try now"."""
        self.failures = 0
