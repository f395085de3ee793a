"""One word for the connection, for every combination of facts."""

from itertools import product

import pytest

from desktop.sync.link_phase import OFFLINE_AFTER, LinkFacts, link_phase

ON = LinkFacts(signed_in=True)


@pytest.mark.parametrize(
    ("facts", "phase"),
    [
        (LinkFacts(), "signed_out"),
        (ON, "starting"),
        (LinkFacts(signed_in=True, trying=True), "connecting"),
        (LinkFacts(signed_in=True, trying=True, joined=True), "behind"),
        (LinkFacts(signed_in=True, trying=True, joined=True, caught_up=True), "live"),
        (LinkFacts(signed_in=True, trying=True, was_joined=True), "reconnecting"),
        (LinkFacts(signed_in=True, trying=True, was_joined=True, failures=OFFLINE_AFTER - 1), "reconnecting"),
        (LinkFacts(signed_in=True, trying=True, was_joined=True, failures=OFFLINE_AFTER), "offline"),
        (LinkFacts(signed_in=True, trying=True, failures=1), "offline"),
        (LinkFacts(signed_in=True, trying=True, failures=9, polling=True), "polling"),
        (LinkFacts(signed_in=True, work_offline=True, joined=True, caught_up=True), "work_offline"),
    ],
)
def test_that_the_word_fits_the_facts(facts, phase):
    assert link_phase(facts) == phase


def test_that_live_is_never_said_without_a_joined_and_caught_up_socket():
    flags = ("signed_in", "work_offline", "joined", "caught_up", "polling", "was_joined", "trying")
    for values in product([False, True], repeat=len(flags)):
        for failures in (0, 1, OFFLINE_AFTER):
            facts = LinkFacts(**dict(zip(flags, values, strict=True)), failures=failures)
            phase = link_phase(facts)
            if phase == "live":
                assert facts.joined and facts.caught_up and facts.signed_in and not facts.work_offline
            if phase == "polling":
                assert facts.polling and not facts.joined
            if not facts.signed_in and not facts.work_offline:
                assert phase == "signed_out"
