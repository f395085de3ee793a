"""Tier 8: the window tells the truth in histories made by chance: never a step back but where the history has one."""

import random

import pytest

from tests.faults.machines.length import AT_LENGTH
from tests.faults.machines.sizes import in_torture, unhurried
from tests.faults.tally import Tally
from tests.faults.window.stage import Stage
from tests.faults.window.story import Story

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True), unhurried]

HISTORIES = AT_LENGTH.histories if in_torture() else 300
AT_A_TIME = 50
STEPS = 6


@pytest.mark.parametrize("first", range(0, HISTORIES, AT_A_TIME))
def test_that_the_window_shows_what_any_history_says(stage: Stage, tally: Tally, first: int) -> None:
    for seed in range(first, min(first + AT_A_TIME, HISTORIES)):
        told: list[str] = []
        try:
            tell(stage, tally, seed, told)
        except AssertionError as error:
            error.add_note(f"history {seed}: {' '.join(told)}")
            raise


def tell(stage: Stage, tally: Tally, seed: int, told: list[str]) -> None:
    """The history of that seed; every twentieth has an end of the program or of the server's history in it, in its
    second half, and once each of the ends is possible where it ever is."""
    chance = random.Random(seed)
    kind, joined = chance.choice(["message", "message", "accept", "cancel"]), chance.random() < 0.8
    told.append(f"{kind}, {'joined' if joined else 'not joined'}:")
    story = Story(stage, kind, tally, joined=joined)
    last = chance.randint(2, STEPS)
    to_end = seed % 20 == 0
    for step in range(last):
        possible = story.possible()
        if to_end and step >= last // 2 and ("restored" in story.ends() or step == last - 1):
            possible, to_end = story.ends(), False
            possible = ["restored"] if "restored" in possible and seed % 40 == 0 else possible
        told.append(chance.choice(possible))
        story.tell(told[-1])
    story.finish()
