"""Tier 1: an operation's every state and event, against docs/states.md: the pure table, and the real outbox file."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from desktop.state.op_state import (
    OP_EVENTS,
    OP_STATES,
    IllegalMove,
    OpEvent,
    OpState,
    event_for_child,
    next_state,
    sources_of,
)
from desktop.store.profile import Profile
from tests.faults.tables.published import columns, rows, target
from tests.support.desk_builders import fresh_profile, line

MOVES = "An operation in the outbox"
CHILDREN = "What was clicked on the strength of another"
WAYS: dict[OpState, tuple[OpEvent, ...]] = {
    "queued": (),
    "held": (),
    "sending": ("claimed",),
    "sent": ("claimed", "applied"),
    "rejected": ("claimed", "refused"),
    "needs_decision": ("overtaken",),
    "blocked": ("stranded",),
    "failed": ("claimed", "unacceptable"),
    "discarded": ("discarded",),
}
"""How an operation comes into each state."""


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    folder: Path = tmp_path_factory.mktemp("profile")
    opened = fresh_profile(folder)
    yield opened
    opened.close()


def test_that_the_page_has_every_state_and_every_event_of_the_program() -> None:
    assert sorted(columns(MOVES)) == sorted(OP_STATES)
    assert sorted(rows(MOVES)) == sorted(OP_EVENTS)
    assert sorted(rows(CHILDREN)) == sorted(columns(CHILDREN)) == sorted(OP_STATES)


@pytest.mark.parametrize("event", OP_EVENTS)
def test_that_every_pair_of_state_and_event_leads_where_the_page_says(event: OpEvent) -> None:
    for state in OP_STATES:
        wanted = target(MOVES, event, state)
        assert (state in sources_of(event)) == (wanted is not None), state
        if wanted is None:
            with pytest.raises(IllegalMove):
                next_state(state, event)
        else:
            assert next_state(state, event) == wanted, state


@pytest.mark.parametrize("event", OP_EVENTS)
def test_that_the_outbox_on_disk_moves_as_the_page_says_and_keeps_a_line_of_it(
    profile: Profile, event: OpEvent
) -> None:
    outbox = profile.outbox
    for state in OP_STATES:
        op_id = outbox.add(line("b"), "b", held=state == "held").op_id
        for way in WAYS[state]:
            outbox.move(op_id, way, "on the way there")
        before = outbox.trail(op_id)
        wanted = target(MOVES, event, state)
        if wanted is None:
            with pytest.raises(IllegalMove):
                outbox.move(op_id, event, "tried")
            assert outbox.trail(op_id) == before, state
        else:
            assert outbox.move(op_id, event, "tried") == wanted
            assert [step[1:] for step in outbox.trail(op_id)[len(before) :]] == [(state, wanted, "tried")], state
        found = outbox.get(op_id)
        assert found is not None
        assert found.state == (wanted or state)


def test_that_only_the_servers_word_makes_an_operation_sent_and_only_its_restore_undoes_that() -> None:
    cells = {(event, state): target(MOVES, event, state) for event, state in product(OP_EVENTS, OP_STATES)}
    assert {event for (event, _), found in cells.items() if found == "sent"} == {"applied", "echoed"}
    assert {event for (event, state), found in cells.items() if state == "sent" and found} == {"restored"}


def test_that_what_needs_a_decision_is_sent_only_when_a_person_says_so() -> None:
    ways = {event: target(MOVES, event, "needs_decision") for event in OP_EVENTS}
    assert {event for event, found in ways.items() if found == "queued"} == {"confirmed"}
    assert target(MOVES, "claimed", "needs_decision") is None


@pytest.mark.parametrize("parent", OP_STATES)
def test_that_what_builds_on_an_operation_follows_it_as_the_page_says(parent: OpState) -> None:
    for child in OP_STATES:
        wanted = target(CHILDREN, parent, child)
        assert event_for_child(parent, child, "booking.transition") == wanted, child
        of_a_change = "discarded" if wanted == "overtaken" else wanted
        assert event_for_child(parent, child, "message.edit") == of_a_change, child
        assert event_for_child(parent, child, "message.remove") == of_a_change, child
        if wanted is not None:
            assert child in sources_of(event_for_child(parent, child, "booking.transition") or "claimed")
