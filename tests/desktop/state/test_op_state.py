"""Every pair of an operation's state and event, with what becomes of it: the table is complete."""

import pytest

from contract.delivery import Delivery
from desktop.state.op_state import OP_EVENTS, OP_STATES, IllegalMove, delivery_of, next_state, sources_of

TABLE = """
                claimed  applied  refused   unacceptable  not_taken  echoed
queued          sending  -        -         -             -          sent
held            -        -        -         -             -          sent
sending         -        sent     rejected  failed        queued     sent
sent            -        -        -         -             -          -
rejected        -        -        -         -             -          -
needs_decision  -        -        -         -             -          sent
blocked         -        -        -         -             -          sent
failed          -        -        -         -             -          sent
discarded       -        -        -         -             -          sent

                confirmed  overtaken       stranded  freed   restored  discarded
queued          -          needs_decision  blocked   -       -         discarded
held            queued     needs_decision  blocked   -       -         discarded
sending         -          -               -         -       -         -
sent            -          -               -         -       queued    -
rejected        -          -               -         -       -         discarded
needs_decision  queued     -               -         -       -         discarded
blocked         -          needs_decision  -         queued  -         discarded
failed          queued     -               -         -       -         discarded
discarded       -          -               -         -       -         -
"""


def cells() -> dict[tuple[str, str], str | None]:
    found = {}
    for part in TABLE.strip("\n").split("\n\n"):
        head, *rows = [line.split() for line in part.splitlines()]
        for state, *targets in rows:
            for event, target in zip(head, targets, strict=True):
                found[state, event] = None if target == "-" else target
    return found


CELLS = cells()


def test_that_the_table_has_every_state_and_event_once():
    assert set(CELLS) == {(state, event) for state in OP_STATES for event in OP_EVENTS}


@pytest.mark.parametrize(("state", "event"), list(CELLS))
def test_that_every_pair_leads_where_the_table_says(state, event):
    wanted = CELLS[state, event]
    if wanted is None:
        with pytest.raises(IllegalMove):
            next_state(state, event)
        assert state not in sources_of(event)
    else:
        assert next_state(state, event) == wanted
        assert state in sources_of(event)


def test_that_only_the_servers_word_makes_an_operation_sent():
    assert {event for (_, event), target in CELLS.items() if target == "sent"} == {"applied", "echoed"}


def test_that_what_is_sent_can_only_be_undone_by_a_restored_server():
    assert {event for (state, event), target in CELLS.items() if state == "sent" and target} == {"restored"}


@pytest.mark.parametrize("state", OP_STATES)
@pytest.mark.parametrize("code", [None, "stale", "illegal_transition", "forbidden"])
def test_that_only_a_press_that_was_overtaken_shows_as_a_conflict(state, code):
    for kind in ("booking.transition", "message.send"):
        shown = delivery_of(state, kind, code)
        overtaken = state == "needs_decision" or (
            state == "rejected" and kind == "booking.transition" and code in {"stale", "illegal_transition"}
        )
        assert (shown is Delivery.CONFLICT) == overtaken
        assert (shown is Delivery.SENT) == (state == "sent")
