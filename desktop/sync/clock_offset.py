"""How far the server's clock is from this computer's, from moments that came with answers."""

from collections import deque
from statistics import median

SAMPLES = 9
WRONG_BEYOND_MS = 120_000
"""From here on a person should know."""


class ClockOffset:
    """Server minus local, in milliseconds: the median of the newest samples, so that one slow answer counts little."""

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=SAMPLES)

    def add(self, server_ms: int, sent_at: float, answered_at: float) -> None:
        """An answer sent for at `sent_at` and come at `answered_at` (time.time()) said `server_ms`."""
        self._samples.append(server_ms - (sent_at + answered_at) / 2 * 1000)

    @property
    def ms(self) -> int:
        return round(median(self._samples)) if self._samples else 0

    @property
    def is_known(self) -> bool:
        return bool(self._samples)

    @property
    def is_wrong(self) -> bool:
        return abs(self.ms) > WRONG_BEYOND_MS
