"""A torture run that did not strike often enough, or at all in some way, proves nothing and says so."""

from collections import Counter

from tests.faults.many_servers.story import Outcome
from tests.faults.many_servers.troubles import SHARES


def test_that_a_run_with_enough_of_everything_met_its_quotas() -> None:
    faults = Counter(dict.fromkeys(SHARES, 5))
    assert Outcome(3, 180, operations=9_000, asked=1, in_vain=1, measured=1, faults=faults).unmet() == []


def test_that_a_run_says_which_quotas_it_missed() -> None:
    faults = Counter({kind: 1 for kind in SHARES if kind != "PostgreSQL killed"})
    assert Outcome(3, 180, operations=8_999, faults=faults).unmet() == [
        "no PostgreSQL killed",
        f"{len(SHARES) - 1} faults for 3 minutes",
        "8999 operations in 180 s",
        "told of no requests",
        "told of no requests in vain",
        "told of no measurements",
    ]
