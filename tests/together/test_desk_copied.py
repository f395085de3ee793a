"""A profile copied to another computer, at the same path there: two devices, one queue, everything once."""

import asyncio
import platform
import shutil
from pathlib import Path

import pytest

from tests.support.headless_desk import at_work
from tests.support.small_world import World, desk, world


class Computers:
    """Two that differ by their names alone, as clones do, and have the same path: one after the other is before us."""

    def __init__(self, profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._profile = profile
        self._kept = {name: profile.with_name(f"of-{name}") for name in ("first", "second")}
        self._monkeypatch = monkeypatch
        self._at = "first"
        monkeypatch.setattr(platform, "node", lambda: self._at)

    def copy(self) -> None:
        """What the first has, the second has too."""
        shutil.copytree(self._profile, self._kept["second"])

    def turn_to(self, name: str) -> None:
        self._profile.rename(self._kept[self._at])
        self._kept[name].rename(self._profile)
        self._at = name


def test_that_a_copy_at_the_same_path_elsewhere_is_another_device_and_nothing_is_lost_or_doubled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(found: World) -> None:
        profile = tmp_path / "profile-operator"
        computers = Computers(profile, monkeypatch)
        async with desk(found) as hands:
            device = hands.desk.parts.device_id
            hands.desk.set_work_offline(True)
            await hands.until(lambda: hands.desk.link.phase == "work_offline" and hands.desk.connection.joined is None)
            both = hands.write(found.booking, "queued in both")
        computers.copy()
        async with at_work(profile, found.link.url, None) as hands:
            hands.desk.set_work_offline(True)
            alone = hands.write(found.booking, "at the first alone")
        computers.turn_to("second")
        async with at_work(profile, found.link.url, None) as twin:
            twins = twin.desk.parts.device_id
            assert twins != device
            there = twin.write(found.booking, "at the copy alone")
            await twin.sent()
        computers.turn_to("first")
        async with at_work(profile, found.link.url, None) as hands:
            assert hands.desk.parts.device_id == device
            hands.desk.set_work_offline(False)
            await hands.sent()
            await hands.until(lambda: hands.desk.link.cursor == found.head())
            said = [row["message"] for row in found.rows("messages") if row["kind"] == "text"]
            assert sorted(said) == ["at the copy alone", "at the first alone", "queued in both"]
            assert {hands.desk.outbox.state_of(op_id) for op_id in (both, alone)} == {"sent"}
            assert hands.desk.outbox.state_of(there) is None
        computers.turn_to("second")
        async with at_work(profile, found.link.url, None) as twin:
            assert twin.desk.parts.device_id == twins
            await twin.until(lambda: len(twin.texts(found.booking)) == 3)
            assert {twin.desk.outbox.state_of(op_id) for op_id in (both, there)} == {"sent"}

    with world(tmp_path) as found:
        asyncio.run(story(found))
