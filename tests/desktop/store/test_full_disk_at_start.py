"""A disk that is full when the desk starts, a real one: whatever can be read is, and the rest is made good later."""

from pathlib import Path

import msgspec
import pytest

from tests.support.opening_with_little_room import ELSEWHERE, LINES, Opening
from tests.support.rebuilding_with_little_room import Rebuilding
from tests.support.small_disk import needs_small_disk, on_a_small_disk

pytestmark = needs_small_disk
INDEXES = 16
"""Pages of the two indexes without which SQLite reads no log, of the outbox's and of the cache's."""
ROOMS = {
    "used": (0, 100, 500),
    "closed": (0, INDEXES - 1, *range(INDEXES, INDEXES + 5), 100, 500),
    "new": (0, 60, 200),
    "locked_out": (0, 40),
}
"""Pages left free, by how the profile came to be."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Opening]]:
    asked = [f"{how}:{','.join(map(str, rooms))}" for how, rooms in ROOMS.items()]
    disk = tmp_path_factory.mktemp("disk")
    printed = on_a_small_disk(8_000_000, disk, "tests.support.opening_with_little_room", *asked)
    return msgspec.json.decode(printed, type=dict[str, list[Opening]])


@pytest.mark.parametrize("how", ["used", "closed"])
def test_that_however_little_room_there_is_what_is_held_can_be_read_and_the_rest_is_made_good(
    found: dict[str, list[Opening]], how: str
) -> None:
    opened = [each for each in found[how] if each.opened]
    assert {(each.held, each.listed, each.server) for each in opened} == {(LINES, 8, ELSEWHERE)}
    kinds = {(each.put_off, each.backed_up) for each in opened}
    assert kinds == {(True, False), (False, False), (False, True)}, "full, all but full, and room"
    for each in found[how]:
        assert (each.later, each.notices, each.same_device) == (LINES, [], True), each
        assert each.copies == (3 if each.opened else 2), "this start's copy, made later where it must be"


def test_that_only_what_cannot_be_read_without_writing_is_not_and_says_what_to_do(
    found: dict[str, list[Opening]],
) -> None:
    assert all(each.opened for each in found["used"]), "its indexes are there from the run that was cut"
    kept_out = [each for each in found["closed"] if not each.opened]
    assert kept_out
    assert max(each.pages for each in kept_out) <= INDEXES + 2
    for each in [*kept_out, *(each for each in found["new"] if not each.opened)]:
        assert each.said.endswith("Free some space and start again."), each


def test_that_a_first_start_without_room_leaves_nothing_amiss_for_a_later_one(found: dict[str, list[Opening]]) -> None:
    assert {each.opened for each in found["new"]} == {True, False}
    assert all(each.notices == [] and each.same_device for each in found["new"])


def test_that_a_lost_key_is_said_at_the_first_start_that_has_room_for_a_new_one(
    found: dict[str, list[Opening]],
) -> None:
    assert not any(each.opened for each in found["locked_out"])
    assert all(each.notices == ["profile_key_lost"] for each in found["locked_out"])


def test_that_a_damaged_cache_goes_on_answering_until_there_is_room_for_a_new_one(tmp_path: Path) -> None:
    printed = on_a_small_disk(8_000_000, tmp_path, "tests.support.rebuilding_with_little_room")
    found = msgspec.json.decode(printed, type=Rebuilding)
    assert found.refused
    assert found.listed == 8
    assert found.written
    assert [name.split(".")[:2] for name in found.files] == [["cache", "db"], ["cache", "db"]], (
        "the damaged one is kept"
    )
