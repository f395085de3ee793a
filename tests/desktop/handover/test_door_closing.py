"""A door that closes in the very moment somebody comes, or it opens, leaves nobody waiting and nothing behind."""

import asyncio
import contextlib
import gc
import socket
from pathlib import Path

import msgspec
import pytest

from desktop.config import DesktopConfig
from desktop.handover.answering import Answering
from desktop.handover.door import Door
from desktop.handover.meeting_point import ADDRESS_FILE, Address
from desktop.handover.requests import Ended
from desktop.state.changes import Changes
from desktop.sync.desk import build_desk


@pytest.mark.parametrize("steps", range(8))
@pytest.mark.parametrize("at_once", [True, False], ids=["loop-ends-at-once", "loop-goes-on"])
def test_that_a_guest_who_came_just_before_it_closes_is_not_left_waiting(
    tmp_path: Path, steps: int, at_once: bool
) -> None:
    """`steps` of the loop after it came: taken by the loop, by its task, by the door, heard. What is left open fails
    the test (a ResourceWarning), as does what the loop complains of."""
    complaints: list[object] = []

    async def run() -> socket.socket:
        asyncio.get_running_loop().set_exception_handler(lambda _, said: complaints.append(said))
        desk = build_desk(DesktopConfig(tmp_path), Changes())
        door = Door(tmp_path, Answering(desk, lambda: Ended("done")), lambda guest: guest)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(door.run())
            while not (tmp_path / ADDRESS_FILE).exists():
                await asyncio.sleep(0.005)
            address = msgspec.json.decode((tmp_path / ADDRESS_FILE).read_bytes(), type=Address)
            guest = socket.socket(socket.AF_UNIX)
            guest.connect(str(address.path))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
        desk.close()
        if not at_once:
            await asyncio.sleep(0.01)
        return guest

    with asyncio.run(run()) as guest:
        gc.collect()
        guest.settimeout(5)
        with contextlib.suppress(ConnectionResetError):  # it had not been taken yet
            assert guest.recv(1) == b""
    assert complaints == []


@pytest.mark.parametrize("steps", range(8))
def test_that_a_door_closed_while_it_opens_leaves_no_socket_behind(tmp_path: Path, steps: int) -> None:
    """What is left open fails the test (a ResourceWarning)."""

    async def run() -> None:
        desk = build_desk(DesktopConfig(tmp_path), Changes())
        door = Door(tmp_path, Answering(desk, lambda: Ended("done")), lambda guest: guest)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(door.run())
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
        desk.close()

    asyncio.run(run())
    gc.collect()
    assert not (tmp_path / ADDRESS_FILE).exists()
