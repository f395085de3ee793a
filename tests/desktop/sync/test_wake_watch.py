"""Sleep is noticed by the clock that went on."""

import asyncio
from itertools import count

import pytest

from desktop.sync.clock import Clock
from desktop.sync.wake_watch import WakeWatch, asleep_for


@pytest.mark.parametrize(
    ("before", "after", "slept"),
    [((0, 0), (1, 1), 0), ((0, 0), (3600, 1), 3599), ((100, 0), (40, 1), 0), ((0, 0), (1.2, 1.0), pytest.approx(0.2))],
)
def test_that_what_one_clock_has_more_than_the_other_was_sleep(before, after, slept):
    assert asleep_for(before, after) == slept


class Over(Exception):
    """The paper clock has run out."""


def test_that_a_wake_is_told_once_and_a_clock_set_back_is_not():
    walls = [1000.0, 1000.01, 4600.0, 4600.01, 100.0, 100.01, 100.02]
    woke: list[float] = []
    steady = count()

    async def wake(seconds: float) -> None:
        woke.append(seconds)

    def wall():
        if not walls:
            raise Over
        return walls.pop(0)

    with pytest.raises(Over):
        asyncio.run(WakeWatch(Clock(wall, lambda: next(steady) / 100), 0.0, wake).run())
    assert [round(seconds) for seconds in woke] == [3600]
