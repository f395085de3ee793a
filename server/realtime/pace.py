"""How often one socket may do a thing: a token bucket of two numbers."""


class Pace:
    """Lets `burst` pass at once and `rate` a second from then on."""

    __slots__ = ("_burst", "_filled_at", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._filled_at = now

    def take(self, now: float) -> bool:
        """Whether one more may pass at `now` (seconds of a clock that never goes back)."""
        tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if tokens < 1.0:
            self._tokens = tokens
            return False
        self._tokens = tokens - 1.0
        return True

    def wait(self) -> float:
        """Seconds until the next one may pass."""
        return max(0.0, (1.0 - self._tokens) / self._rate)
