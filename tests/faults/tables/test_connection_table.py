"""Tier 1: the connection's every phase and event, over every state of the facts that can be reached, against
docs/states.md."""

from functools import cache

import pytest

from desktop.state.lines import LinkPhase
from desktop.sync.link_phase import LINK_EVENTS, LINK_PHASES, OFFLINE_AFTER, LinkEvent, LinkFacts, after, link_phase
from tests.faults.tables.published import CANNOT_BE, columns, rows, table

TABLE = "The connection"


@cache
def reachable() -> frozenset[LinkFacts]:
    """All that events can lead to from the start of the program, in any order."""
    found, fresh = {LinkFacts()}, {LinkFacts()}
    while fresh:
        fresh = {after(facts, event) for facts in fresh for event in LINK_EVENTS} - found
        found |= fresh
    return frozenset(found)


def test_that_the_page_has_every_phase_and_every_event_of_the_program() -> None:
    assert rows(TABLE) == list(LINK_PHASES)
    assert columns(TABLE) == list(LINK_EVENTS)


@pytest.mark.parametrize("phase", LINK_PHASES)
def test_that_every_phase_can_be_reached(phase: LinkPhase) -> None:
    assert any(link_phase(facts) == phase for facts in reachable())


@pytest.mark.parametrize("event", LINK_EVENTS)
@pytest.mark.parametrize("phase", LINK_PHASES)
def test_that_every_pair_of_phase_and_event_leads_where_the_page_says_and_nowhere_else(
    phase: LinkPhase, event: LinkEvent
) -> None:
    cell = table(TABLE)[phase, event]
    wanted = {phase} if cell == CANNOT_BE else set(cell.split(" or "))
    found = {link_phase(after(facts, event)) for facts in reachable() if link_phase(facts) == phase}
    assert found == wanted


def test_that_no_connection_is_claimed_while_none_is_wanted_and_live_only_by_a_socket_at_the_head() -> None:
    for facts in reachable():
        if not facts.wants_link:
            assert not (facts.joined or facts.caught_up or facts.polling), facts
        assert not (facts.joined and facts.polling), facts
        assert facts.joined or not facts.caught_up, facts
        assert (link_phase(facts) == "live") == (facts.joined and facts.caught_up), facts
        assert (link_phase(facts) == "polling") == facts.polling, facts


def test_that_telling_the_same_news_twice_changes_nothing_more_but_for_a_failure_counted() -> None:
    for facts in reachable():
        for event in LINK_EVENTS:
            once = after(facts, event)
            if event != "failed":
                assert after(once, event) == once, (facts, event)


def test_that_offline_is_said_after_the_third_failure_or_the_first_of_a_desk_never_joined() -> None:
    fresh = after(LinkFacts(), "signed_in")
    assert link_phase(after(after(fresh, "attempt"), "failed")) == "offline"
    facts = after(after(fresh, "joined"), "lost")
    said = []
    for _ in range(OFFLINE_AFTER + 1):
        facts = after(facts, "failed")
        said.append(link_phase(facts))
    assert said == ["reconnecting", "reconnecting", "offline", "offline"]


def test_that_polling_is_believed_from_the_second_failure_on_and_not_before() -> None:
    facts = after(after(after(LinkFacts(), "signed_in"), "joined"), "lost")
    assert [link_phase(after(facts, "polled"))] == ["reconnecting"]
    facts = after(facts, "failed")
    assert link_phase(after(facts, "polled")) == "reconnecting"
    assert link_phase(after(after(facts, "failed"), "polled")) == "polling"


def test_that_the_next_person_at_the_desk_starts_afresh() -> None:
    for facts in reachable():
        assert after(facts, "signed_out") == LinkFacts(work_offline=facts.work_offline)
