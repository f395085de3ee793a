"""Finds a cache damaged on a disk without room, and rebuilds it once there is some: prints what could be done when.

Run by test_full_disk_at_start, in a process whose first argument is the disk (see tests/support/small_disk)."""

import asyncio
import sys
from pathlib import Path

import msgspec

from desktop.store.errors import DiskFull
from desktop.store.profile import Profile, open_profile
from tests.support.desk_builders import ANN, booking_row, item
from tests.support.small_disk import leave, make_room


class Rebuilding(msgspec.Struct):
    refused: bool = False
    listed: int = 0
    """Bookings that could be read meanwhile."""
    written: bool = False
    """Whether the cache took a change afterwards."""
    files: list[str] = []
    """Of caches, at the end."""


async def fill(profile: Profile, numbers: range) -> None:
    await profile.worker.run(lambda cache: cache.own(ANN.user_id, "staff"))
    rows = [item(number, "bookings", booking_row(f"b{number}")) for number in numbers]
    await profile.worker.run(lambda cache: cache.apply(rows, numbers[-1]))


async def rebuild(disk: Path) -> Rebuilding:
    profile, found = open_profile(disk / "profile"), Rebuilding()
    await fill(profile, range(1, 9))
    leave(disk, 0)
    try:
        await profile.rebuild_cache()
    except DiskFull:
        found.refused = True
    found.listed = len(profile.reader.order("all", "", ANN))
    make_room(disk)
    await profile.rebuild_cache()
    await fill(profile, range(1, 2))
    found.written = len(profile.reader.order("all", "", ANN)) == 1
    profile.close()
    found.files = sorted(path.name.split("-")[0] for path in (disk / "profile").glob("cache*"))
    return found


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(rebuild(Path(sys.argv[1])))))
