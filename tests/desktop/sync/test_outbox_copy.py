"""The copy that a running desk makes of its outbox: what keeps it from being made never ends the desk."""

import asyncio
import shutil

import pytest
from structlog.testing import capture_logs

from desktop.config import DesktopConfig
from desktop.state.changes import Changes
from desktop.store.errors import Unavailable
from desktop.store.outbox_file import RUNNING_COPY
from desktop.store.sqlcipher import connect, transaction
from desktop.sync.desk import build_desk
from tests.support.desk_builders import line
from tests.support.headless_desk import QUICK, until

KEY = bytes(32)


@pytest.fixture
def _copied_at_once(monkeypatch):
    monkeypatch.setattr("desktop.sync.outbox_care.BACK_UP_EVERY", 0.01)


@pytest.mark.usefixtures("_copied_at_once")
def test_that_a_copy_that_cannot_be_made_is_made_at_the_next_change(tmp_path):
    async def story() -> None:
        desk = build_desk(DesktopConfig(tmp_path, times=QUICK), Changes())
        tried = tmp_path / f"{RUNNING_COPY}.part"
        copy = tmp_path / RUNNING_COPY
        tried.mkdir()  # in the way, as a file that another program holds is on Windows
        running = asyncio.create_task(desk.run())
        await asyncio.sleep(0)  # from here on it listens
        desk.outbox.add(line("a"), "a")
        with capture_logs() as said:
            desk.changes.outbox_changed()
            await until(lambda: running.done() or any(entry["event"] == "outbox not copied" for entry in said))
        assert not running.done()
        shutil.rmtree(tried)
        desk.changes.outbox_changed()
        await until(copy.exists)
        desk.stop()
        await running
        desk.close()

    asyncio.run(story())


@pytest.mark.usefixtures("_copied_at_once")
def test_that_a_copy_that_cannot_be_made_is_tried_again_though_nothing_changes(tmp_path):
    async def story() -> None:
        desk = build_desk(DesktopConfig(tmp_path, times=QUICK), Changes())
        tried = tmp_path / f"{RUNNING_COPY}.part"
        tried.mkdir()  # in the way, as above
        running = asyncio.create_task(desk.run())
        await asyncio.sleep(0)
        desk.outbox.add(line("a"), "a")
        with capture_logs() as said:
            desk.changes.outbox_changed()
            await until(lambda: any(entry["event"] == "outbox not copied" for entry in said))
        shutil.rmtree(tried)
        await until((tmp_path / RUNNING_COPY).exists, 5.0)
        desk.stop()
        await running
        desk.close()

    asyncio.run(story())


def test_that_a_file_whose_folder_is_gone_is_said_to_be_unavailable(tmp_path):
    with pytest.raises(Unavailable):
        connect(tmp_path / "gone" / "outbox.db", KEY, durable=True)


def test_that_a_file_that_another_holds_is_said_to_be_unavailable(tmp_path):
    one, other = (connect(tmp_path / "outbox.db", KEY, durable=True) for _ in range(2))
    other.execute("PRAGMA busy_timeout = 0")
    with transaction(one), pytest.raises(Unavailable), transaction(other):
        pass
    one.close()
    other.close()
