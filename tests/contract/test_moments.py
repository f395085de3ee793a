"""Moments: one spelling, whose text order is time's order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.moments import to_ms, to_text

moments = st.integers(min_value=0, max_value=4_102_444_800_000)


@given(moments)
def test_that_a_moment_comes_back_to_the_millisecond(moment_ms: int):
    assert to_ms(to_text(moment_ms)) == moment_ms


@given(moments, moments)
def test_that_text_order_is_time_order(one: int, other: int):
    assert (to_text(one) < to_text(other)) == (one < other)


def test_that_a_moment_is_spelled_as_the_rows_have_it():
    assert to_text(1_795_250_797_123) == "2026-11-21T08:46:37.123Z"


def test_that_a_moment_of_another_zone_is_the_same_moment():
    assert to_ms("2026-11-21T12:46:37.123+04:00") == 1_795_250_797_123


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-21T08:46:37.123", "2026-13-01T00:00:00Z"])
def test_that_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"zone|isoformat|month"):
        to_ms(text)
