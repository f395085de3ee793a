"""The moment of a click as the server is told it, whatever the clock was at the click and is at the sending."""

from contract.moments import to_ms, to_text
from desktop.state.changes import Changes
from desktop.state.pending import FeedPosition
from desktop.store.cache_position import CachePosition
from desktop.sync.clock import Clock
from desktop.sync.link_status import LinkStatus

NOW = to_ms("2026-11-21T12:00:00.000Z")
DAY = 86_400_000
AS_OF = to_text(NOW - DAY)


def link(clock_off_ms: int) -> LinkStatus:
    """At a computer whose clock is so far ahead, offline, its cache a day old."""
    clock = Clock(lambda: (NOW + clock_off_ms) / 1000)
    return LinkStatus(Changes(), clock, CachePosition(None, "staff", FeedPosition("e", 5), AS_OF))


def sent(moment: str, clock_off_ms: int) -> int:
    """What is told of it, in milliseconds from the server's now, once the server has been heard."""
    found = link(clock_off_ms)
    found.answered(NOW, (NOW + clock_off_ms) / 1000, latency_s=0.0)
    told = found.corrected(moment)
    assert told is not None
    return to_ms(told) - NOW


def test_that_a_click_under_a_clock_years_behind_is_not_before_what_was_on_the_screen():
    clicked = link(-2000 * DAY).moment_of_click()
    assert clicked == AS_OF
    assert sent(clicked, 0) == -DAY
    assert sent(clicked, -2000 * DAY) == -DAY


def test_that_a_click_under_a_right_clock_stays_where_it_was_though_the_clock_is_wrong_now():
    for off in (0, 40 * DAY, -40 * DAY):
        assert sent(to_text(NOW - 2 * DAY), off) == -2 * DAY, off


def test_that_a_click_under_the_clock_that_is_still_wrong_is_put_right():
    assert sent(to_text(NOW - 40 * DAY - 3_600_000), -40 * DAY) == -3_600_000
    assert sent(to_text(NOW + 40 * DAY - 3_600_000), 40 * DAY) == -3_600_000


def test_that_no_click_is_told_to_be_in_the_future():
    assert sent(to_text(NOW + 400 * DAY), 0) == 0
    assert sent(to_text(NOW + 400 * DAY), 40 * DAY) == 0


def test_that_a_click_under_a_clock_known_to_be_wrong_is_right_at_once():
    found = link(-40 * DAY)
    found.answered(NOW, (NOW - 40 * DAY) / 1000, latency_s=0.0)
    assert to_ms(found.moment_of_click()) == NOW


def test_that_nothing_is_put_right_before_the_server_was_heard():
    assert link(-40 * DAY).corrected(AS_OF) == AS_OF
