"""Tests of the rates: what counts against what, and when one may come back."""

import time

import pytest

from contract.errors import Refusal
from server.doors.rate_limits import RateLimits, Rates
from server.doors.window_counts import WindowCounts


def hits(limits: RateLimits, key: str, times: int) -> int:
    passed = 0
    for _ in range(times):
        try:
            limits.hit("sign_in", key)
        except Refusal as refusal:
            assert refusal.code == "rate_limited"
            continue
        passed += 1
    return passed


def test_that_each_key_has_its_own_count() -> None:
    limits = RateLimits(Rates(sign_in="3/minute"))
    assert (hits(limits, "ann@desk.example", 5), hits(limits, "bob@desk.example", 5)) == (3, 3)


def test_that_kinds_do_not_count_against_each_other() -> None:
    limits = RateLimits(Rates(sign_in="1/minute", write="1/minute"))
    limits.hit("sign_in", "u-1")
    limits.hit("write", "u-1")
    with pytest.raises(Refusal):
        limits.hit("write", "u-1")


def test_that_a_batch_can_cost_more_than_one() -> None:
    limits = RateLimits(Rates(write="10/minute"))
    limits.hit("write", "u-1", cost=8)
    limits.hit("write", "u-1", cost=2)
    with pytest.raises(Refusal):
        limits.hit("write", "u-1")


def test_that_the_refusal_says_how_many_seconds_to_wait() -> None:
    limits = RateLimits(Rates(read="1/second"))
    limits.hit("read", "u-1")
    with pytest.raises(Refusal) as caught:
        limits.hit("read", "u-1")
    assert caught.value.retry_after is not None
    assert 1.0 <= caught.value.retry_after <= 2.0


def test_that_one_may_come_back_when_the_window_has_ended() -> None:
    limits = RateLimits(Rates(read="1/second"))
    limits.hit("read", "u-1")
    time.sleep(1.05)
    limits.hit("read", "u-1")


def test_that_keys_of_ended_windows_are_forgotten() -> None:
    counts = WindowCounts()
    for number in range(10_000):
        counts.incr(f"guess {number}", 0.0)
    assert counts.reset() < 5_000


def test_that_a_rate_nobody_can_read_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="parse"):
        RateLimits(Rates(read="often"))
