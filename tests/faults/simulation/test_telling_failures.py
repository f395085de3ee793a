"""A failing seed is told as a person reads it, by itself: what broke, the fewest events that do it, how it went."""

import re

import msgspec
import pytest

from tests.faults.simulation.schedule import Schedule, schedule_of
from tests.faults.simulation.workers import run_seeds, told_of

SEED = 0
RULE = ("--mutant", "snapshot_clears_outbox")
"""A rule that is taken out, so that the seed fails."""


@pytest.mark.timeout(600)
def test_that_a_failing_seed_is_told_with_fewer_events_their_history_and_what_repeats_them() -> None:
    found = run_seeds(SEED, 1, *RULE).violations
    told = told_of({**found, 7: ["I4 of another seed"]}, 1, *RULE)
    smaller, whole = map(int, re.findall(r"(\d+) of (\d+) events", told)[0])
    assert smaller < whole == len(schedule_of(SEED).events)
    assert told.startswith(f"seed {SEED}\n  {found[SEED][0]}")
    assert len(re.findall(r" s  .+ at seat \d", told)) == smaller
    assert f"  breaks {found[SEED][0][:7]}" in told
    assert re.search(r"\n    +\d+\.\d+ omar clicked ", told)
    assert f"again: python -m tests.faults.simulation --first {SEED} --seeds 1 --shrink" in told
    assert told.endswith("seed 7: I4 of another seed")
    schedule = msgspec.json.decode(told.partition("--schedule: ")[2].partition("\n")[0], type=Schedule)
    assert len(schedule.events) == smaller


def test_that_where_nothing_failed_nothing_is_told() -> None:
    assert told_of({}) == ""
