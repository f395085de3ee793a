"""What a device has had is marked in the end, though the store cannot take the mark just then."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlite3

from contract.actors import Actor
from contract.ids import new_id
from server.store.tables import messages, receipts
from tests.support.app_in_process import AppInProcess, InnerClient, app_in_process

pytestmark = pytest.mark.expects_errors
_DELIVERED = sa.select(sa.func.max(receipts.c.delivered_position)).where(receipts.c.side == "customer")
_NEWEST = sa.select(sa.func.max(messages.c.position))


class Story:
    """Olga writes; Ann, the booking's customer, listens."""

    def __init__(
        self, app: AppInProcess, booking: str, ann: InnerClient, token: str, patch: pytest.MonkeyPatch
    ) -> None:
        self.app = app
        self.booking = booking
        self.ann = ann
        self.token = token
        self._patch = patch

    async def while_the_disk_is_full(self, act: Callable[[], object]) -> None:
        """Whatever the act has the store do fails."""
        failed = asyncio.Event()
        loop = asyncio.get_running_loop()

        def full() -> None:
            loop.call_soon_threadsafe(failed.set)
            raise sqlite3.OperationalError("database or disk is full")

        with self._patch.context() as now:
            now.setattr(self.app.server.store._writer._link, "commit", full)
            act()
            await failed.wait()
            await asyncio.sleep(0.05)

    async def is_delivered(self) -> bool:
        """Whether the customer's side has the newest message."""
        return bool(await self.app.server.store.read(lambda tx: tx.value(_DELIVERED) == tx.value(_NEWEST)))


def run(
    folder: Path,
    patch: pytest.MonkeyPatch,
    listen: Callable[[AppInProcess, InnerClient, str], Coroutine[Any, Any, object]],
    act: Callable[[Story], Coroutine[Any, Any, None]],
) -> None:
    """`listen` joins Ann's client with her token."""

    async def inside() -> None:
        async with app_in_process(folder) as app:
            olga, ann = await app.person("operator", "Olga"), await app.person("customer", "Ann")
            booking, client = await app.booking(ann), InnerClient(app)
            token = await app.token(ann)
            await listen(app, client, token)
            story = Story(app, booking, client, token, patch)
            await app.say(olga, booking, "one")
            await act(story)

    asyncio.run(inside())


async def by_the_feed(app: AppInProcess, client: InnerClient, token: str) -> None:
    await client.follow(token)


async def by_supabase(app: AppInProcess, client: InnerClient, token: str) -> None:
    changes = [{"event": "INSERT", "schema": "public", "table": "messages"}]
    await client.join("realtime:rows", {"config": {"postgres_changes": changes}, "access_token": token})


async def soon(true: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    async with asyncio.timeout(5):
        while not await true():
            await asyncio.sleep(0.02)


def test_that_a_cursor_told_while_the_disk_was_full_is_a_tick_after_the_next_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(story: Story) -> None:
        head = story.app.server.store.head
        await story.while_the_disk_is_full(lambda: story.ann.send("sync", "cursor", {"seq": head}))
        story.ann.beat()
        await soon(story.is_delivered)

    run(tmp_path, monkeypatch, by_the_feed, act)


def test_that_a_message_read_while_the_disk_was_full_is_read_after_the_next_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(story: Story) -> None:
        mark = {"booking_id": story.booking, "position": 10**9}
        await story.while_the_disk_is_full(lambda: story.ann.send("sync", "read", mark))
        story.ann.beat()
        await soon(story.is_delivered)

    run(tmp_path, monkeypatch, by_the_feed, act)


def test_that_a_cursor_ahead_of_what_this_server_has_told_is_a_tick_once_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulled from the database in the moment before the commit was published; of several servers, up to a second."""

    async def act(story: Story) -> None:
        head = story.app.server.store.head
        story.app.before_commit = lambda: story.ann.send("sync", "cursor", {"seq": head + 1})
        await story.app.say(Actor(new_id(), "operator", "Olga"), story.booking, "two")
        story.ann.beat()
        await soon(story.is_delivered)

    run(tmp_path, monkeypatch, by_the_feed, act)


def test_that_what_an_app_had_while_the_disk_was_full_is_ticked_with_a_later_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(story: Story) -> None:
        story.ann.beat()
        await story.while_the_disk_is_full(story.ann.beat)
        story.ann.beat()
        await soon(story.is_delivered)

    run(tmp_path, monkeypatch, by_supabase, act)


def test_that_what_an_app_had_while_the_disk_was_full_is_ticked_though_its_channel_broke_off_before_the_next_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(story: Story) -> None:
        story.ann.beat()
        await story.while_the_disk_is_full(story.ann.beat)
        story.ann.lost()
        back = InnerClient(story.app)
        await by_supabase(story.app, back, story.token)
        back.beat()
        await soon(story.is_delivered)

    run(tmp_path, monkeypatch, by_supabase, act)
