"""A line given up after an attempt, though the server has it: shown as sent as soon as that is seen, cut or not."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.config import DesktopConfig
from desktop.intents.assign import assign
from desktop.intents.context import intent_context
from desktop.intents.discard import discard
from desktop.intents.send_message import send_message
from desktop.state.changes import Changes
from desktop.sync.desk import Desk, build_desk
from tests.support.desk_builders import ANN, booking_row, item, message_row, workflow

BOOKING = "00000000-0000-7000-8000-0000000000b1"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    built = build_desk(DesktopConfig(profile_dir=tmp_path), Changes())
    built.session.me = ANN
    built.outbox.author_id = ANN.user_id
    asyncio.run(built.feed.belong_to(ANN))
    asyncio.run(built.worker.run(lambda cache: cache.put_workflows({"protection": workflow()})))
    asyncio.run(built.feed._apply([item(1, "bookings", booking_row(BOOKING))], 1))
    yield built
    built.close()


def given_up(desk: Desk, *, attempted: bool = True) -> str:
    op_id = send_message(intent_context(desk), BOOKING, "Never mind")
    if attempted:
        desk.parts.profile.lanes.claim(ANN.user_id)
        desk.outbox.move(op_id, "not_taken", "unreachable")
    discard(intent_context(desk), op_id)
    return op_id


def state(desk: Desk, op_id: str) -> str:
    found = desk.outbox.get(op_id)
    assert found is not None
    return found.state


def cut_after_the_cache_had_it(desk: Desk, op_id: str) -> None:
    """The cache's commit, and nothing of what follows it."""
    row = message_row(BOOKING, "Never mind", "operator", position=5, id=op_id, op_id=op_id)
    asyncio.run(desk.worker.run(lambda cache: cache.apply([item(2, "messages", row, "insert", op_id)], 2)))
    desk.feed.reread()


def test_that_the_next_start_learns_what_a_cut_kept_from_the_outbox(desk: Desk) -> None:
    told: list[frozenset[str] | None] = []
    op_id = given_up(desk)
    cut_after_the_cache_had_it(desk, op_id)
    assert state(desk, op_id) == "discarded"
    desk.parts.changes.listen(bookings=told.append)
    desk.feed.settle_history()
    assert state(desk, op_id) == "sent"
    assert told == [frozenset({BOOKING})]


def test_that_what_never_left_stays_given_up(desk: Desk) -> None:
    never, unseen = given_up(desk, attempted=False), given_up(desk)
    desk.feed.settle_history()
    assert [state(desk, op_id) for op_id in (never, unseen)] == ["discarded", "discarded"]


@pytest.mark.parametrize("carried", [True, False])
def test_that_an_assignment_is_known_by_its_bookings_row_as_long_as_that_carries_it(desk: Desk, carried: bool) -> None:
    op_id = assign(intent_context(desk), BOOKING, ANN.user_id)
    desk.parts.profile.lanes.claim(ANN.user_id)
    desk.outbox.move(op_id, "not_taken", "unreachable")
    discard(intent_context(desk), op_id)
    row = booking_row(BOOKING, version=2, op_id=op_id if carried else "a later one")
    asyncio.run(desk.worker.run(lambda cache: cache.apply([item(2, "bookings", row)], 2)))
    desk.feed.reread()
    desk.feed.settle_history()
    assert state(desk, op_id) == ("sent" if carried else "discarded")
