"""The server's clock against this computer's."""

import pytest

from desktop.sync.clock_offset import ClockOffset


def test_that_one_slow_answer_counts_little():
    offset = ClockOffset()
    for _ in range(8):
        offset.add(1_000_500, 1000.0, 1000.02)
    offset.add(1_000_500, 960.0, 1000.0)
    assert offset.ms == pytest.approx(490, abs=1)


def test_that_nothing_known_is_no_offset():
    assert (ClockOffset().ms, ClockOffset().is_wrong) == (0, False)


def test_that_a_clock_seven_minutes_off_is_said():
    offset = ClockOffset()
    offset.add(1_420_000, 1000.0, 1000.0)
    assert (offset.ms, offset.is_wrong) == (420_000, True)
