"""The two clocks of this computer, handed in so that tests can turn them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from contract.moments import to_text


@dataclass(frozen=True, slots=True)
class Clock:
    wall: Callable[[], float] = time.time
    """Seconds since 1970; may jump."""
    steady: Callable[[], float] = time.monotonic
    """Seconds; never goes back, and on Linux stops in sleep."""

    def moment(self) -> str:
        """Now, as moments travel."""
        return to_text(round(self.wall() * 1000))
