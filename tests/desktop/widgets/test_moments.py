"""How times and waits are said."""

import pytest

from desktop.widgets.moments import Moments, local, waiting_step
from desktop.widgets.words import Words
from tests.support.paper_console import make_moments, make_words, now
from tests.support.sample_desk_data import NOW, ago


@pytest.fixture
def moments(words: Words) -> Moments:
    return make_moments(words)


def test_that_a_wait_ticks_in_minutes_and_seconds_then_in_hours_then_in_days(moments: Moments) -> None:
    assert moments.waiting(ago(31)) == "0:31"
    assert moments.waiting(ago(250)) == "4:10"
    assert moments.waiting(ago(2 * 3600 + 300)) == "2 h 05"
    assert moments.waiting(ago(3 * 86_400)) == "3 days"


def test_that_a_wait_is_never_negative_when_clocks_differ(moments: Moments) -> None:
    assert moments.waiting(ago(-30)) == "0:00"


def test_that_today_has_a_clock_and_older_days_have_names(moments: Moments) -> None:
    assert moments.short(NOW) == f"{local(NOW):%H:%M}"
    assert moments.short(ago(86_400)) == "Yesterday"
    assert moments.day_words(moments.today()) == "Today"
    assert "2024" in moments.day_words(moments.day("2024-01-05T10:00:00.000Z"))


def test_that_ages_are_coarse(moments: Moments) -> None:
    assert moments.age(ago(20)) == "under a minute"
    assert moments.age(ago(400)) == "6 min"


TINTS = [(59, 1, 0), (60, 1, 1), (120, 1, 2), (240, 1, 3), (240, 3, 0), (300, 3, 1), (9, 9, 0)]


@pytest.mark.parametrize(("seconds", "priority", "step"), TINTS)
def test_that_the_tints_come_sooner_for_the_more_urgent(seconds: int, priority: int, step: int) -> None:
    assert waiting_step(seconds, priority) == step


def test_that_clocks_run_left_to_right_in_arabic() -> None:
    assert make_moments(make_words("ar"), now).clock(NOW).startswith("\u2066")


def test_that_a_clock_of_another_day_says_so(moments: Moments) -> None:
    assert moments.when(NOW) == f"{local(NOW):%H:%M}"
    assert moments.when(ago(86_400)) == f"Yesterday {local(NOW):%H:%M}"
