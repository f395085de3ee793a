"""Tier 8: the window tells the truth in histories made by chance: never a step back but where the history has one."""

import random

import pytest

from tests.faults.counted import Counted
from tests.faults.machines.sizes import TORTURE, in_torture, unhurried
from tests.faults.window.stage import Stage
from tests.faults.window.story import Story

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True), unhurried]

HISTORIES = 300
AT_A_TIME = 50
STEPS = 6
TIMES = TORTURE if in_torture() else 1


@pytest.mark.parametrize("first", range(0, HISTORIES * TIMES, AT_A_TIME))
def test_that_the_window_shows_what_any_history_says(stage: Stage, counted: Counted, first: int) -> None:
    for seed in range(first, first + AT_A_TIME):
        told: list[str] = []
        try:
            tell(stage, seed, told)
        except AssertionError as error:
            error.add_note(f"history {seed}: {' '.join(told)}")
            raise
    counted(checked=AT_A_TIME)


def tell(stage: Stage, seed: int, told: list[str]) -> None:
    """The history of that seed; every twentieth has an end of the program or of the server's history in it."""
    chance = random.Random(seed)
    kind, joined = chance.choice(["message", "message", "accept", "cancel"]), chance.random() < 0.8
    told.append(f"{kind}, {'joined' if joined else 'not joined'}:")
    story = Story(stage, kind, joined=joined)
    last = chance.randint(2, STEPS)
    for step in range(last):
        possible = story.possible()
        if seed % 20 == 0 and step == last // 2:
            possible = story.ends()
        told.append(chance.choice(possible))
        story.tell(told[-1])
    story.finish()
