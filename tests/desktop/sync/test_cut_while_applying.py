"""A socket that dies while its news is being committed: the disk has it, so the screens and the outbox hear of it."""

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from contract.feed import BookingSnapshot, MessagePage
from desktop.intents.context import intent_context
from desktop.intents.send_message import send_message
from desktop.store.errors import DiskFull
from desktop.sync.desk import Desk
from desktop.sync.uninterrupted import uninterrupted
from tests.support.desk_builders import ANN, booking_row, item, message_row
from tests.support.one_booking_desk import BOOKING, open_desk


async def cut_in_the_commit(desk: Desk, step: Coroutine[Any, Any, object]) -> None:
    """Cancels `step` while the thread is at its commit, as the end of a socket does."""
    goes_on = threading.Event()
    blocked = asyncio.ensure_future(desk.worker.run(lambda _: goes_on.wait(20)))
    task = asyncio.ensure_future(step)
    for _ in range(8):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await blocked


def test_that_news_committed_while_the_socket_died_is_shown_and_settles_the_outbox(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_desk(tmp_path) as (desk, told):
            op_id = send_message(intent_context(desk), BOOKING, "On our way")
            desk.parts.profile.lanes.claim(ANN.user_id)
            told.clear()
            row = message_row(BOOKING, "On our way", "operator", position=5, id=op_id, op_id=op_id)
            await cut_in_the_commit(desk, desk.feed._apply([item(2, "messages", row, "insert", op_id)], 2))
            assert desk.feed.position.seq == desk.parts.profile.reader.position().feed.seq == 2
            assert BOOKING in told, "the open conversation shows it"
            assert frozenset({BOOKING}) in told, "the list too"
            found = desk.outbox.get(op_id)
            assert found is not None
            assert found.state == "sent"

    asyncio.run(story())


def test_that_a_fetched_booking_and_an_older_page_are_shown_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with open_desk(tmp_path) as (desk, told):
            await desk.worker.stage(lambda staging: staging.begin())
            await desk.worker.stage(lambda staging: staging.finish("e", 1, "2026-11-22T09:00:00.000Z"))
            tables = {"bookings": [booking_row(BOOKING)], "messages": [message_row(BOOKING, "new", position=50)]}
            answers: list[object] = [
                BookingSnapshot("e", 1, tables, more=True),
                MessagePage("e", 2, [message_row(BOOKING, "old", position=20)], more=False),
            ]

            async def answered(_: object) -> object:
                return answers.pop(0)

            monkeypatch.setattr(desk.session, "authorised", answered)
            await cut_in_the_commit(desk, desk.feed.fetch_anew([BOOKING]))
            assert frozenset({BOOKING}) in told
            told.clear()
            await cut_in_the_commit(desk, desk.older.load(BOOKING))
            assert told == [BOOKING]

    asyncio.run(story())


def test_that_a_disk_too_full_for_the_outbox_keeps_nothing_from_the_screens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with open_desk(tmp_path) as (desk, told):

            def full(*_: object) -> None:
                raise DiskFull("database or disk is full")

            monkeypatch.setattr(desk.outbox, "known", full)
            row = message_row(BOOKING, "Where are you?", position=5)
            with pytest.raises(DiskFull):
                await desk.feed._apply([item(2, "messages", row, "insert", "an-operation")], 2)
            assert BOOKING in told

    asyncio.run(story())


def test_that_a_step_that_fails_while_its_caller_is_told_to_go_is_logged_and_the_caller_goes() -> None:
    async def fails() -> None:
        await asyncio.sleep(0.01)
        raise DiskFull("database or disk is full")

    async def story() -> None:
        task = asyncio.ensure_future(uninterrupted(fails()))
        await asyncio.sleep(0)
        task.cancel()
        with capture_logs() as said, pytest.raises(asyncio.CancelledError):
            await task
        assert [entry["why"] for entry in said] == ["database or disk is full"]

    asyncio.run(story())
