"""One event of a run: what happens when, and to whom, with its dice already thrown.

What the dice mean (which booking, which button) is worked out when its time has come, so that an event means the same
whichever others are taken away to find the fewest that show a fault.
"""

import random

import msgspec


class Event(msgspec.Struct, frozen=True):
    at: float
    """Seconds of the run."""
    kind: str
    seat: int
    dice: tuple[int, ...] = ()
    seconds: float = 0.0
    """How long a fault lasts."""


def thrown(dice: random.Random) -> tuple[int, ...]:
    return tuple(dice.randrange(10_000) for _ in range(3))
