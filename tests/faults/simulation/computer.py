"""Replaces this computer's clocks and entropy by simulated ones. Imported before the programs: they meet no other.

Time belongs to the simulated process that is running: each has its own wall clock (which may be wrong) and its own
steady clock (which stands still while the process sleeps). Ids and secrets come from the run's seed. Outside of a run
everything is as always.
"""

import random
import secrets
import time
import uuid
from collections.abc import Callable
from typing import Any, Protocol

import uuid_utils

EPOCH = 4_102_444_800.0
"""Seconds since 1970 at which every run begins: 2100. SQLite's own 'now', which some columns hold, is long before it,
so that what a run compares with it (the age of feed lines) never depends on the day."""


class Clocks(Protocol):
    """What a simulated process sees of time."""

    def wall(self) -> float: ...
    def steady(self) -> float: ...
    def boot(self) -> float: ...


class Computer:
    """The one computer of a run. `running` is the process whose code is executed at this moment."""

    def __init__(self) -> None:
        self.running: Clocks | None = None
        self._chance = random.Random(0)
        self._made = 0

    def begin(self, seed: int) -> None:
        self._chance = random.Random(f"computer {seed}")
        self._made = 0
        random.seed(seed)

    def uuid7(self) -> Any:
        """As uuid_utils makes them: milliseconds first, then what keeps them apart and in the order of their making."""
        if self.running is None:
            return _REAL_UUID7()
        self._made += 1
        ms = int(self.running.wall() * 1000)
        low = (self._made << 42) | self._chance.getrandbits(42)
        return uuid.UUID(int=(ms << 80) | (0x7 << 76) | (0x2 << 62) | (low & ((1 << 62) - 1)))

    def token_urlsafe(self, size: int | None = None) -> str:
        if self.running is None:
            return _REAL_TOKEN(size)
        self._made += 1
        return f"secret-{self._made}-{self._chance.getrandbits(64):016x}"


COMPUTER = Computer()
_REAL_UUID7 = uuid_utils.uuid7
_REAL_TOKEN = secrets.token_urlsafe


def _told_by(real: Callable[..., Any], simulated: Callable[[Clocks], Any]) -> Callable[..., Any]:
    def read(*which: Any) -> Any:
        running = COMPUTER.running
        return real(*which) if running is None else simulated(running)

    return read


def install() -> None:
    """Once, before anything of the programs is imported: several keep a clock as a default argument."""
    time.time = _told_by(time.time, lambda clocks: clocks.wall())
    time.time_ns = _told_by(time.time_ns, lambda clocks: int(clocks.wall() * 1000) * 1_000_000)
    time.monotonic = _told_by(time.monotonic, lambda clocks: clocks.steady())
    time.clock_gettime = _told_by(time.clock_gettime, lambda clocks: clocks.boot())
    uuid_utils.uuid7 = COMPUTER.uuid7  # type: ignore[assignment]
    secrets.token_urlsafe = COMPUTER.token_urlsafe  # type: ignore[assignment]


install()
