"""The leader's door lets in whoever the profile belongs to, and nothing that is not a request."""

import asyncio
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from desktop.config import DesktopConfig
from desktop.handover import door as doors
from desktop.handover.answering import Answering
from desktop.handover.asking import LeaderGone, ask
from desktop.handover.door import Door
from desktop.handover.leading import lead_or_ask
from desktop.handover.meeting_point import ADDRESS_FILE, Address, NoLeader, meet, meeting_point
from desktop.handover.requests import MAX_REQUEST, AnyAnswer, Ended, Show
from desktop.state.changes import Changes
from desktop.sync.desk import Desk, build_desk

Story = Callable[[Path], Awaitable[None]]


async def hear_nothing(answer: AnyAnswer) -> None:
    raise AssertionError(f"not asked for: {answer}")


def with_door(folder: Path, story: Story) -> list[str]:
    """Tells the story beside the open door of a desk that has no network; what its window was asked for."""
    shown: list[str] = []

    def show() -> Ended:
        shown.append("show")
        return Ended("done")

    async def run() -> None:
        desk = build_desk(DesktopConfig(folder), Changes())
        try:
            async with asyncio.TaskGroup() as group:
                task = group.create_task(Door(folder, Answering(desk, show), lambda guest: guest).run())
                while not (folder / ADDRESS_FILE).exists():
                    await asyncio.sleep(0.005)
                await story(folder)
                task.cancel()
        finally:
            desk.close()

    asyncio.run(run())
    return shown


def test_that_a_second_start_is_answered_by_the_first_and_its_window_comes_forward(tmp_path: Path) -> None:
    async def story(folder: Path) -> None:
        def open_desk() -> Desk:
            return build_desk(DesktopConfig(folder), Changes())

        assert await lead_or_ask(open_desk, folder, Show, None, hear_nothing) == Ended("done")

    assert with_door(tmp_path, story) == ["show"]


def test_that_nobody_else_can_reach_it_and_nothing_is_left_behind(tmp_path: Path) -> None:
    seen: list[Path] = []

    async def story(folder: Path) -> None:
        address = msgspec.json.decode((folder / ADDRESS_FILE).read_bytes(), type=Address)
        assert address.path is not None
        seen.append(Path(address.path).parent)
        assert stat.S_IMODE((folder / ADDRESS_FILE).stat().st_mode) == 0o600
        assert stat.S_IMODE(seen[0].stat().st_mode) == 0o700

    with_door(tmp_path, story)
    assert not seen[0].exists()
    assert not (tmp_path / ADDRESS_FILE).exists()


@pytest.mark.parametrize(
    "line",
    [
        b"not json\n",
        b'{"secret":"SECRET","request":{"do":"show"},"and":1}\n',
        b'{"secret":"SECRET","request":{"do":"show","window":1}}\n',
        b'{"secret":"SECRET","request":{"do":"obey"}}\n',
        b'{"secret":"SECRET","request":{"do":"tail","booking":"b","lines":100000}}\n',
        b'{"secret":"guessed","request":{"do":"show"}}\n',
        b"x" * (MAX_REQUEST * 2) + b"\n",
        b"",
    ],
    ids=[
        "no-json",
        "unknown-field",
        "unknown-value",
        "unknown-verb",
        "too-much",
        "wrong-secret",
        "too-long",
        "silence",
    ],
)
def test_that_what_is_no_request_gets_no_answer_and_the_door_stays_open(
    tmp_path: Path, line: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "REQUEST_SECONDS", 0.2)

    async def story(folder: Path) -> None:
        address, (reader, writer) = await meet(folder, 1_000, 5)
        writer.write(line.replace(b"SECRET", address.secret.encode()))
        try:
            async with asyncio.timeout(20):
                assert await reader.read() == b""
        except ConnectionError:
            pass  # cut off before it had said all it wanted
        writer.close()
        assert await ask(folder, Show(), None, hear_nothing) == Ended("done")

    assert with_door(tmp_path, story) == ["show"]


def test_that_a_crowd_is_kept_out_and_the_place_of_one_that_goes_is_free_again(tmp_path: Path) -> None:
    async def story(folder: Path) -> None:
        crowd = [await meet(folder, 1_000, 5) for _ in range(doors.MAX_GUESTS)]
        with pytest.raises(LeaderGone):
            await ask(folder, Show(), None, hear_nothing)
        crowd[0][1][1].close()
        async with asyncio.timeout(20):
            while True:
                try:
                    assert await ask(folder, Show(), None, hear_nothing) == Ended("done")
                    break
                except LeaderGone:
                    await asyncio.sleep(0.01)
        for _, (_, writer) in crowd:
            writer.close()

    assert with_door(tmp_path, story) == ["show"]


def test_that_a_desk_of_another_server_says_so(tmp_path: Path) -> None:
    async def run() -> None:
        desk = build_desk(DesktopConfig(tmp_path, "https://here.example"), Changes())
        answering = Answering(desk, lambda: Ended("done"))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(Door(tmp_path, answering, lambda guest: guest).run())
            while not (tmp_path / ADDRESS_FILE).exists():
                await asyncio.sleep(0.005)
            ended = await ask(tmp_path, Show(), "https://there.example", hear_nothing)
            assert (ended.outcome, "https://here.example" in ended.message) == ("refused", True)
            task.cancel()
        desk.close()

    asyncio.run(run())


def test_that_without_unix_sockets_it_is_met_on_the_loopback(tmp_path: Path) -> None:
    async def run() -> None:
        def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"come in")
            writer.close()

        async with meeting_point(tmp_path, taken, 1_000, by_path=False) as here:
            address, (reader, writer) = await meet(tmp_path, 1_000, 5)
            assert (address, address.path) == (here, None)
            assert await reader.read() == b"come in"
            writer.close()
        with pytest.raises(NoLeader):
            await meet(tmp_path, 1_000, 5)

    asyncio.run(run())


def test_that_the_socket_of_a_killed_leader_is_tidied_away_by_the_next(tmp_path: Path) -> None:
    def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def run() -> None:
        async with meeting_point(tmp_path, taken, 1_000) as killed:
            assert killed.path is not None
            async with meeting_point(tmp_path, taken, 1_000) as heir:
                assert not Path(killed.path).parent.exists()
                address, (_, writer) = await meet(tmp_path, 1_000, 5)
                assert address == heir
                writer.close()
                await writer.wait_closed()

    asyncio.run(run())
