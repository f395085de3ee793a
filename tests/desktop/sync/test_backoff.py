"""Waiting before another try: jittered, growing, bounded, without end."""

import pytest

from desktop.sync.backoff import HEALTHY_AFTER, Backoff, wait_before


@pytest.mark.parametrize(
    ("failures", "most"), [(0, 0.5), (1, 1), (2, 2), (5, 16), (6, 32), (7, 60), (8, 60), (10**9, 60)]
)
def test_that_the_wait_lies_anywhere_up_to_a_growing_bound(failures, most):
    assert wait_before(failures, 0.5, 60, lambda: 1.0) == most
    assert wait_before(failures, 0.5, 60, lambda: 0.0) == 0
    assert wait_before(failures, 0.5, 60, lambda: 0.5) == most / 2


def test_that_a_server_that_asks_for_time_gets_at_least_that():
    backoff = Backoff(0.5, 60, lambda: 0.0)
    assert backoff.failed(retry_after=7.5) == 7.5
    assert backoff.failed() == 0


def test_that_only_a_link_that_lasted_forgets_the_failures():
    backoff = Backoff(0.5, 60, lambda: 1.0)
    for _ in range(4):
        backoff.failed()
    backoff.lasted(HEALTHY_AFTER - 1)
    assert backoff.failed() == 8
    backoff.lasted(HEALTHY_AFTER)
    assert backoff.failed() == 0.5
    backoff.failed()
    backoff.reset()
    assert backoff.failures == 0


def test_that_it_never_gives_up():
    backoff = Backoff(0.5, 60, lambda: 1.0)
    assert {backoff.failed() for _ in range(10_000)} <= {0.5, 1, 2, 4, 8, 16, 32, 60}
