"""How much may wait for one reader who has fallen behind: what must not be lost, and aside from it what may be."""

from server.realtime.limits import SocketLimits


class Backlog:
    """Begins anew each time the reader falls behind. What waited then counts for neither: it may have been either."""

    __slots__ = ("_aside", "_limits", "_owed")

    def __init__(self, limits: SocketLimits) -> None:
        self._limits = limits
        self._owed = 0
        self._aside = 0

    def takes(self, size: int, waiting: int) -> bool:
        """Whether `size` bytes more that must not be lost find room. `waiting`: all bytes not sent yet."""
        room = self._limits.max_backlog
        self._owed += size
        return self._owed <= room or waiting + size <= room + min(self._aside, self._limits.max_aside)

    def takes_aside(self, size: int, waiting: int) -> bool:
        """Whether `size` bytes more do that may be lost."""
        if waiting + size > self._limits.max_aside:
            return False
        self._aside += size
        return True
