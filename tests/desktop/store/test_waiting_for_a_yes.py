"""A press that wants a person's yes and builds on another that waits: the yes is neither lost nor taken for granted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.store.outbox_store import OutboxStore
from tests.support.desk_builders import fresh_profile, press


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[OutboxStore]:
    profile = fresh_profile(tmp_path)
    yield profile.outbox
    profile.close()


def test_that_a_yes_given_before_the_press_it_builds_on_has_one_is_kept(outbox: OutboxStore) -> None:
    first = outbox.add(press("b", "accept"), "b", held=True).op_id
    second = outbox.add(press("b", "deploy", "accepted"), "b", held=True).op_id
    assert outbox.move(second, "confirmed", "asked for") == "blocked"
    assert outbox.move(first, "confirmed", "asked for") == "queued"
    assert outbox.state_of(second) == "queued"


def test_that_what_never_had_its_yes_waits_for_it_again_once_the_press_before_goes_on(outbox: OutboxStore) -> None:
    first = outbox.add(press("b", "accept"), "b").op_id
    second = outbox.add(press("b", "deploy", "accepted"), "b", held=True).op_id
    outbox.move(first, "overtaken", "by another")
    assert outbox.state_of(second) == "blocked"
    outbox.move(first, "confirmed", "asked for")
    assert outbox.state_of(second) == "held"


def test_that_behind_one_that_is_blocked_a_press_waits_for_that_one_and_for_its_own_yes(outbox: OutboxStore) -> None:
    first = outbox.add(press("b", "accept"), "b", held=True).op_id
    second = outbox.add(press("b", "deploy", "accepted"), "b").op_id
    third = outbox.add(press("b", "complete", "deployed"), "b", held=True).op_id
    assert [outbox.state_of(op_id) for op_id in (first, second, third)] == ["held", "blocked", "blocked"]
    outbox.move(first, "confirmed", "asked for")
    assert [outbox.state_of(op_id) for op_id in (first, second, third)] == ["queued", "queued", "held"]
