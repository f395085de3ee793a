"""How much of a machine (tier 2) one run tries: the same examples each time, or in torture many and ever new ones.

Torture: `make torture-machines`.
"""

import pytest
from hypothesis import Phase, settings

TORTURE = 25
"""How many times as much."""


def in_torture() -> bool:
    return settings.get_current_profile_name() == "torture"


def sized(examples: int, steps: int = 1) -> settings:
    """`examples` runs of up to `steps` steps, drawn from a fixed seed so that every run of the tests is the same."""
    times = TORTURE if in_torture() else 1
    return settings(
        max_examples=examples * times,
        stateful_step_count=steps * (2 if in_torture() else 1),
        derandomize=not in_torture(),
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
    )


unhurried = pytest.mark.timeout(0 if in_torture() else 600)
"""Time for a failure to be told in as few steps as will do, which takes up to five minutes."""
