"""Joining a booking's room while something goes on: a commit that takes the booking away, an outage."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from contract.errors import Refusal
from tests.support.app_in_process import AppInProcess, InnerClient, app_in_process
from tests.support.engines import at_a_prompt, settings_for
from tests.support.open_store import until


def run(folder: Path, story: Callable[[AppInProcess, InnerClient, str, str], Coroutine[Any, Any, None]]) -> None:
    """With a client, Ann's token, and the id of her booking."""

    async def inside() -> None:
        async with app_in_process(folder) as app:
            ann = await app.person("customer", "Ann")
            booking, token = await app.booking(ann), await app.token(ann)
            await story(app, InnerClient(app), token, booking)

    asyncio.run(inside())


def test_that_whoever_loses_the_booking_while_they_join_its_room_is_not_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(app: AppInProcess, client: InnerClient, token: str, booking: str) -> None:
        read = app.server.store.read

        async def slowly(job: Any) -> Any:
            found = await read(job)
            monkeypatch.undo()
            head = app.server.store.head
            at_a_prompt(settings_for(tmp_path), "UPDATE bookings SET customer_id=NULL")
            await until(lambda: app.server.store.head > head)
            return found

        monkeypatch.setattr(app.server.store, "read", slowly)
        reply = await client.join(f"typing:{booking}", {"access_token": token})
        assert (reply["status"], reply["response"].get("code")) == ("error", "booking_not_found")

    run(tmp_path, story)


def test_that_a_join_in_an_outage_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(app: AppInProcess, client: InnerClient, token: str, booking: str) -> None:
        async def away(job: Any) -> Any:
            raise Refusal("unavailable", retry_after=1.0)

        with monkeypatch.context() as now:
            now.setattr(app.server.store, "read", away)
            async with asyncio.timeout(2):
                reply = await client.join(f"typing:{booking}", {"access_token": token})
        assert (reply["status"], reply["response"]["code"]) == ("error", "unavailable")
        assert (await client.join(f"typing:{booking}", {"access_token": token}))["status"] == "ok"

    run(tmp_path, story)
