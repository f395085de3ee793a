"""What a full disk has put off: small writes, done in their order once there is room."""

from collections.abc import Callable

from desktop.store.errors import DiskFull, Unavailable


class PutOff:
    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []

    def __bool__(self) -> bool:
        return bool(self._steps)

    def now_or_later(self, step: Callable[[], object]) -> None:
        """Does `step`, or keeps it for `again` where the disk takes no more. Done twice it must do no harm."""
        try:
            step()
        except (DiskFull, Unavailable):
            self._steps.append(step)

    def again(self) -> None:
        """Raises DiskFull, Unavailable at the first that still cannot be done; the rest waits with it."""
        while self._steps:
            self._steps[0]()
            del self._steps[0]
