"""How much of a machine (tier 2), or of the window's random histories (tier 8), one run tries: the same few each time,
or in torture many and ever new ones.

Torture: `make torture-machines`, which is `python -m tests.faults.machines`.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.faults.machines.length import AT_LENGTH


def in_torture() -> bool:
    return settings.get_current_profile_name() == "torture"


def sized(examples: int, steps: int = 1) -> settings:
    """`examples` runs of up to `steps` steps, drawn from a fixed seed so that every run of the tests is the same."""
    return settings(
        max_examples=AT_LENGTH.examples if in_torture() else examples,
        stateful_step_count=AT_LENGTH.steps if in_torture() else steps,
        derandomize=not in_torture(),
        print_blob=in_torture(),
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        # One tally is for all examples of a test.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


unhurried = pytest.mark.timeout(0 if in_torture() else 600)
"""Time for a failure to be told in as few steps as will do, which takes up to five minutes."""
