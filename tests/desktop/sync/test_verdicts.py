"""What each verdict and each failure does to an operation."""

import pytest

from contract.errors import REFUSALS
from contract.verdicts import Verdict
from desktop.network.answers import refusal_of
from desktop.network.errors import Busy, ContractBroken, Intercepted, NotSignedIn, Refused, Unreachable
from desktop.state.op_state import next_state
from desktop.sync.verdicts import rule_on_error, rule_on_verdict


@pytest.mark.parametrize("kind", ["applied", "noop"])
def test_that_applied_and_already_so_are_both_sent_with_their_place_in_the_feed(kind):
    ruling = rule_on_verdict(Verdict("o", kind, seq=7, version=3), "e1", 99.0)
    assert (ruling.event, ruling.outcome.epoch, ruling.outcome.seq, ruling.outcome.version) == ("applied", "e1", 7, 3)


def test_that_a_rejection_keeps_its_reason_and_what_stands_instead():
    ruling = rule_on_verdict(
        Verdict("o", "rejected", code="stale", message="Changed.", current={"status": "x"}), "e", 9.0
    )
    assert ruling.event == "refused"
    assert (ruling.outcome.code, ruling.outcome.error, ruling.outcome.current) == ("stale", "Changed.", {"status": "x"})


def test_that_retry_waits_and_goes_again():
    ruling = rule_on_verdict(Verdict("o", "retry"), "e", 99.0)
    assert (ruling.event, ruling.outcome.not_before) == ("not_taken", 99.0)


@pytest.mark.parametrize(
    ("error", "batch", "state", "alone"),
    [
        (Unreachable("cut"), 1, "queued", False),
        (Unreachable("cut"), 9, "queued", False),
        (Busy("draining", 2.0), 9, "queued", False),
        (Busy("failed", broke=True), 1, "queued", False),
        (Busy("failed", broke=True), 9, "queued", True),
        (Intercepted("a page"), 9, "queued", False),
        (Intercepted("404", broke=True), 1, "queued", False),
        (Intercepted("404", broke=True), 9, "queued", True),
        (NotSignedIn("token_expired", "Expired.", 401), 1, "queued", False),
        (Refused("epoch_changed", "Another.", 409), 1, "queued", False),
        (Refused("forbidden", "No.", 403), 9, "queued", True),
        (Refused("forbidden", "No.", 403), 1, "failed", False),
        (Refused("body_too_large", "Too large.", 413), 1, "failed", False),
        (Refused("invalid_payload", "Wrong.", 422), 1, "failed", False),
        (ContractBroken("html"), 1, "queued", False),
    ],
)
def test_that_only_a_refusal_of_the_operation_itself_fails_it(error, batch, state, alone):
    ruling = rule_on_error(error, batch, 99.0)
    assert next_state("sending", ruling.event) == state
    assert ruling.outcome.alone == alone


@pytest.mark.parametrize("code", list(REFUSALS))
def test_that_no_server_trouble_and_no_token_ever_fails_an_operation(code):
    status, message = REFUSALS[code]
    for told in (status, 0):
        error = refusal_of(told, b'{"code":"%b","message":"%b"}' % (code.encode(), message.encode()))
        state = next_state("sending", rule_on_error(error, 1, 0.0).event)
        if (status >= 500 and status != 501) or status in {401, 429} or code == "epoch_changed":
            assert state == "queued", (code, told)
        elif status != 501:
            assert state == "failed", (code, told)
