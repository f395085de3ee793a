"""A file that another program holds for a while, a virus scanner or a copying one, never ends the engine."""

import asyncio
from pathlib import Path
from typing import NoReturn

import pytest

from desktop.config import DesktopConfig
from desktop.intents.desk_port import NotPossible
from desktop.intents.live_desk import LiveDesk
from desktop.state.changes import Changes
from desktop.store.errors import DiskFull, Unavailable
from desktop.store.outbox_file import OUTBOX_FILE
from desktop.store.sqlcipher import connect, transaction
from desktop.sync.desk import build_desk
from tests.support.headless_desk import QUICK
from tests.support.one_booking_desk import BOOKING, open_desk


def test_that_a_cache_that_cannot_be_looked_through_now_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []

    def held(path: Path, *_: object, **__: object) -> NoReturn:
        looked.append(path)
        raise Unavailable("database is locked")

    async def story() -> None:
        monkeypatch.setattr("desktop.sync.cache_care.CHECK_AFTER", 0.01)
        desk = build_desk(DesktopConfig(tmp_path, times=QUICK), Changes())
        monkeypatch.setattr("desktop.store.profile.connect", held)
        running = asyncio.create_task(desk.run())
        await asyncio.wait({running}, timeout=0.5)
        assert looked
        assert not running.done()
        desk.stop()
        await running
        desk.close()

    asyncio.run(story())


def test_that_a_notice_that_cannot_be_noted_as_given_ends_nothing_and_is_given_again(tmp_path: Path) -> None:
    async def story() -> None:
        desk = build_desk(DesktopConfig(tmp_path, times=QUICK), Changes())
        profile = desk.parts.profile
        desk.outbox.facts.put("salvage_untold", '["outbox_salvaged", {"kept": 3}]')
        profile.outbox._connection.execute("PRAGMA busy_timeout = 0")
        heard: list[str] = []
        desk.changes.listen(notice=lambda key, _: heard.append(key))
        scanner = connect(tmp_path / OUTBOX_FILE, profile.key, durable=True)
        running = asyncio.create_task(desk.run())
        with transaction(scanner):
            await asyncio.wait({running}, timeout=0.3)
        assert not running.done()
        assert desk.outbox.facts.get("salvage_untold") is not None
        scanner.close()
        desk.stop()
        await running
        desk.close()

    asyncio.run(story())


def test_that_a_click_while_the_outbox_is_held_is_refused_in_words_and_leaves_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with open_desk(tmp_path) as (desk, _):
            profile = desk.parts.profile
            profile.outbox._connection.execute("PRAGMA busy_timeout = 0")
            scanner = connect(tmp_path / OUTBOX_FILE, profile.key, durable=True)
            with transaction(scanner), pytest.raises(NotPossible):
                LiveDesk(desk).send_message(BOOKING, "On our way", False)
            assert desk.outbox.unfinished() == []
            scanner.close()

    asyncio.run(story())


def test_that_a_click_that_is_on_disk_is_done_though_a_screen_cannot_be_read_anew_now(tmp_path: Path) -> None:
    def cannot_read(_: object) -> NoReturn:
        raise DiskFull("disk I/O error")

    async def story() -> None:
        async with open_desk(tmp_path) as (desk, _):
            desk.changes.listen(bookings=cannot_read)
            op_id = LiveDesk(desk).send_message(BOOKING, "On our way", False)
            assert [op.op_id for op in desk.outbox.unfinished()] == [op_id], "said to be refused, it is sent again"
            assert await desk.sender.poke.wait(0.1)

    asyncio.run(story())
