"""Counts per window for the rate limits, in memory. The library's own memory storage starts a thread to forget with,
and up to a hundred a second under load: waiting for each to start held the loop for 0.3 ms a request, measured."""

import time

from limits.storage import Storage

_SWEEP_EVERY = 4_096
"""Hits between two looks for windows that have ended."""


class WindowCounts(Storage):
    """What limits' fixed-window strategy asks of a storage. Used in one thread; times are seconds since 1970."""

    STORAGE_SCHEME: list[str] | None = None

    def __init__(self) -> None:
        super().__init__()
        self._windows: dict[str, tuple[int, float]] = {}
        self._until_sweep = _SWEEP_EVERY

    @property
    def base_exceptions(self) -> type[Exception]:
        return KeyError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Adds to the key's window, opened now for `expiry` seconds if there is none; the new count."""
        now = time.time()
        self._sweep(now)
        count, ends = self._windows.get(key, (0, 0.0))
        if ends <= now:
            count, ends = 0, now + expiry
        self._windows[key] = (count + amount, ends)
        return count + amount

    def get(self, key: str) -> int:
        count, ends = self._windows.get(key, (0, 0.0))
        return count if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the key's window ends; now, when there is none."""
        return max(self._windows.get(key, (0, 0.0))[1], time.time())

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        forgotten = len(self._windows)
        self._windows.clear()
        return forgotten

    def clear(self, key: str) -> None:
        self._windows.pop(key, None)

    def _sweep(self, now: float) -> None:
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._until_sweep = _SWEEP_EVERY
            self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
