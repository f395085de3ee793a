"""Tier 1: what each state of an operation shows, and what each answer does to it, against docs/states.md."""

from typing import Any

import pytest

from contract.verdicts import OpsReply, Verdict
from desktop.network.answers import read_answer, refusal_of
from desktop.network.errors import ContractBroken, Intercepted, NetworkError, Unreachable
from desktop.state.op_state import CONFLICTS, OP_STATES, OpState, delivery_of
from desktop.state.overlay import overlaid
from desktop.state.pending import FeedPosition, shows
from desktop.sync.verdicts import rule_on_error, rule_on_verdict
from tests.faults.tables.published import columns, rows, table
from tests.support.desk_builders import ANN, line, pending, press

SHOWN = "What each state shows"
ANSWERS = "What an answer does"
OVERTAKEN = "rejected as overtaken"
BEFORE = FeedPosition("e", 5)
"""The feed has not passed the operations below."""


def page() -> NetworkError:
    """What a network that wants a sign-in answers to everything, with status 200."""
    with pytest.raises(Intercepted) as caught:
        read_answer(b"<html>Welcome, guest", OpsReply)
    return caught.value


ERRORS: dict[str, tuple[NetworkError, ...]] = {
    "nobody answers": (Unreachable("cut"),),
    "busy: 429, 503, bye": (
        refusal_of(429, b'{"code":"rate_limited","message":"Slow down."}', "2"),
        refusal_of(503, b'{"code":"unavailable","message":"Draining."}', None),
        refusal_of(0, b'{"code":"unavailable","message":"Draining."}'),
    ),
    "broke: another 5xx": (
        refusal_of(500, b'{"code":"internal","message":"Sorry."}'),
        refusal_of(0, b'{"code":"internal","message":"Sorry."}'),
    ),
    "the token is not taken: 401": (
        refusal_of(401, b'{"code":"token_expired","message":"Expired."}'),
        refusal_of(0, b'{"code":"unauthorized","message":"Who?"}'),
    ),
    "epoch_changed: 409": (refusal_of(409, b'{"code":"epoch_changed","message":"Another."}'),),
    "refused: 403, 413, 422": tuple(
        refusal_of(status, b'{"code":"%b","message":"No."}' % code)
        for status, code in (
            (403, b"forbidden"),
            (413, b"body_too_large"),
            (422, b"invalid_payload"),
            (0, b"forbidden"),
        )
    ),
    "something on the way answers: a page, 302, 401, 503": (
        page(),
        *(refusal_of(status, b"<html>") for status in (302, 401, 407, 429, 503, 511)),
    ),
    "something on the way refuses: 400, 403, 404, 413, 500": tuple(
        refusal_of(status, body)
        for status in (400, 403, 404, 405, 413, 422, 500)
        for body in (b"<html>", b"", b'{"message":"no Route matched"}')
    ),
    "not understood": (ContractBroken("OpsReply: no verdicts"), refusal_of(0, b'{"reason":"unmatched topic"}')),
}


def test_that_the_page_has_every_state_and_every_kind_of_answer() -> None:
    assert sorted(rows(SHOWN)) == sorted([*OP_STATES, OVERTAKEN])
    assert rows(ANSWERS) == [f"verdict {kind}" for kind in ("applied", "noop", "rejected", "retry")] + list(ERRORS)
    assert columns(ANSWERS) == ["alone", "together"]


@pytest.mark.parametrize("row", [*OP_STATES, OVERTAKEN])
def test_that_an_operations_glyph_is_the_pages(row: str) -> None:
    state: OpState = "rejected" if row == OVERTAKEN else row  # type: ignore[assignment] # each is one of OP_STATES
    for code in sorted(CONFLICTS) if row == OVERTAKEN else ["forbidden"] if state == "rejected" else [None]:
        facts: dict[str, Any] = {"code": code, "epoch": "e", "seq": 6}
        written, pressed = pending(line("b"), state, **facts), pending(press("b", "accept"), state, **facts)
        bubble, strip = table(SHOWN)[row, "bubble"], table(SHOWN)[row, "press"]
        assert shows(written, BEFORE) == (bubble != "gone")
        assert shows(pressed, BEFORE) == (strip != "gone")
        if bubble != "gone":
            assert [each.delivery for each in overlaid([], [written], ANN)] == [bubble]
        if strip == "card":
            assert pressed.is_conflict
        elif strip != "gone":
            assert not pressed.is_conflict
            assert f"strip {delivery_of(state, 'booking.transition', code)}" == strip


@pytest.mark.parametrize("kind", ["applied", "noop", "rejected", "retry"])
def test_that_each_verdict_does_what_the_page_says(kind: str) -> None:
    ruling = rule_on_verdict(Verdict("o", kind, code="stale" if kind == "rejected" else None), "e", 9.0)  # type: ignore[arg-type]
    for column in columns(ANSWERS):
        assert ruling.event == table(ANSWERS)[f"verdict {kind}", column]
    assert not ruling.outcome.alone


@pytest.mark.parametrize("row", list(ERRORS))
@pytest.mark.parametrize(("column", "batch"), [("alone", 1), ("together", 2), ("together", 50)])
def test_that_each_failure_does_what_the_page_says(row: str, column: str, batch: int) -> None:
    event, _, then = table(ANSWERS)[row, column].partition(", then ")
    for error in ERRORS[row]:
        ruling = rule_on_error(error, batch, 9.0)
        assert (ruling.event, ruling.outcome.alone) == (event, then == "alone"), repr(error)
