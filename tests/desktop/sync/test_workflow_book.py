"""The workflows held are those the buttons follow, and are asked for until the server has told them."""

import asyncio
import threading
from pathlib import Path

import pytest

from contract.workflow import Workflow
from desktop.config import DesktopConfig
from desktop.network.errors import Unreachable
from desktop.state.changes import Changes
from desktop.store.cache_writer import CacheWriter
from desktop.sync.desk import build_desk
from desktop.sync.workflow_book import WorkflowBook
from tests.support.desk_builders import workflow
from tests.support.headless_desk import QUICK, until
from tests.support.one_booking_desk import open_desk

NEWER = {"protection": workflow(), "dental": workflow()}


async def newer(_: str | None) -> tuple[dict[str, Workflow], str]:
    return NEWER, "a tag"


def test_that_workflows_committed_while_the_socket_died_are_those_the_buttons_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, begun, goes_on = CacheWriter.put_workflows, threading.Event(), threading.Event()

    def slowly(cache: CacheWriter, workflows: dict[str, Workflow], tag: str = "") -> None:
        begun.set()
        goes_on.wait(20)
        put(cache, workflows, tag)

    async def story() -> None:
        async with open_desk(tmp_path) as (desk, told):
            monkeypatch.setattr(desk.parts.http, "workflows", newer)
            monkeypatch.setattr(CacheWriter, "put_workflows", slowly)
            told.clear()
            task = asyncio.ensure_future(WorkflowBook(desk.parts).refresh())
            await until(begun.is_set)
            task.cancel()
            await asyncio.sleep(0)
            goes_on.set()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await desk.worker.run(lambda cache: cache.workflows_tag()) == "a tag"
            assert set(desk.workflows) == set(NEWER), "else the same tag keeps them away until the next start"
            assert told == [None]

    asyncio.run(story())


def test_that_workflows_that_could_not_be_had_are_asked_for_again_on_the_same_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []

    async def the_second_time(tag: str | None) -> tuple[dict[str, Workflow], str]:
        asked.append(tag)
        if len(asked) == 1:
            raise Unreachable("ReadError: the line is gone")
        return await newer(tag)

    async def story() -> None:
        desk = build_desk(DesktopConfig(tmp_path, times=QUICK), Changes())
        monkeypatch.setattr(desk.parts.http, "workflows", the_second_time)
        serving = asyncio.ensure_future(WorkflowBook(desk.parts).serve(None))  # type: ignore[arg-type] # it needs none
        await until(lambda: set(desk.workflows) == set(NEWER), 5.0)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await desk.parts.http.close()
        desk.close()

    asyncio.run(story())
