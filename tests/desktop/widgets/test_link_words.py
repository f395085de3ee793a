"""The badge and the banners: what each state of the connection is called, and what can be done about it."""

from time import monotonic

import pytest

from desktop.state.lines import LinkPhase, LinkState
from desktop.widgets.link_words import LinkWords, is_online
from desktop.widgets.moments import local
from desktop.widgets.words import Words
from tests.support.paper_console import make_moments
from tests.support.sample_desk_data import NOW, ago

AS_OF = ago(360)


@pytest.fixture
def said(words: Words) -> LinkWords:
    return LinkWords(words, make_moments(words))


def test_that_live_is_said_with_its_evidence(said: LinkWords) -> None:
    assert (
        said.badge(LinkState("live", latency_ms=41.2, cursor=88213, head=88213, as_of=NOW)) == "Live · 41 ms · #88213"
    )
    assert said.badge(LinkState("live", cursor=5, head=5, as_of=NOW)) == "Live · #5"


def test_that_a_gap_is_said_with_its_size(said: LinkWords) -> None:
    assert said.badge(LinkState("behind", cursor=10, head=13, as_of=NOW)) == "Behind by 3"


def test_that_offline_says_how_old_the_data_is(said: LinkWords) -> None:
    assert said.badge(LinkState("offline", as_of=AS_OF)) == f"Offline · data as of {local(AS_OF):%H:%M} (6 min)"


@pytest.mark.parametrize("phase", ["connecting", "reconnecting", "offline", "signed_out", "work_offline"])
def test_that_without_any_data_no_age_is_made_up(said: LinkWords, phase: LinkPhase) -> None:
    assert "as of" not in said.badge(LinkState(phase))


def test_that_a_live_desk_shows_no_banner(said: LinkWords) -> None:
    assert said.banners(LinkState("live", as_of=NOW)) == []
    assert said.banners(LinkState("behind", as_of=NOW)) == []


def test_that_the_offline_banner_counts_what_waits_and_leads_to_it(said: LinkWords) -> None:
    (banner,) = said.banners(LinkState("offline", as_of=AS_OF, offline_since=AS_OF, queued=3))
    assert banner.text.endswith("3 items queued.")
    assert banner.actions == ("try_now", "outbox", "go_offline")
    assert banner.tone == "amber"


def test_that_reconnecting_counts_down(said: LinkWords) -> None:
    (banner,) = said.banners(LinkState("reconnecting", as_of=NOW, next_try_at=monotonic() + 4, queued=2))
    assert "next try in 4 s" in banner.text
    assert "2 items are queued" in banner.text
    (late,) = said.banners(LinkState("reconnecting", as_of=NOW, next_try_at=monotonic() - 1))
    assert "next try" not in late.text


def test_that_the_gravest_comes_first(said: LinkWords) -> None:
    link = LinkState("signed_out", as_of=NOW, disk_full=True, decisions=2, queued=1, clock_offset_ms=-420_000)
    banners = said.banners(link)
    assert [banner.picture for banner in banners] == ["hard-drive", "lock", "git-compare-arrows", "clock-alert"]
    assert [banner.urgent for banner in banners] == [True, True, True, False]
    assert "7 minutes" in banners[3].text


def test_that_a_clock_off_by_seconds_is_nobodys_concern(said: LinkWords) -> None:
    assert said.banners(LinkState("live", as_of=NOW, clock_offset_ms=90_000)) == []


def test_that_polling_counts_as_online_and_working_offline_does_not() -> None:
    assert is_online(LinkState("polling"))
    assert not is_online(LinkState("work_offline"))


@pytest.mark.parametrize("phase", ["reconnecting", "polling", "offline", "work_offline", "signed_out"])
def test_that_every_banner_has_words_and_every_action_a_name(said: LinkWords, words: Words, phase: LinkPhase) -> None:
    (banner,) = said.banners(LinkState(phase, as_of=NOW))
    assert len(banner.text.split()) >= 2
    assert all(words(f"banner.{action}") for action in banner.actions)


def test_that_a_damaged_outbox_is_all_there_is_to_say(said: LinkWords) -> None:
    [banner] = said.banners(LinkState("offline", as_of=AS_OF, queued=2, decisions=1, outbox_damaged=True))
    assert "start it again" in banner.text
    assert (banner.tone, banner.actions, banner.urgent) == ("red", (), True)
