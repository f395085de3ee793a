"""Runs commands of the desk on a disk of its own that is filled up between them; prints how each ended.

Run by test_scripted_desk, in a process whose first argument is the disk (see tests/support/small_disk)."""

import shutil
import sys
from pathlib import Path

import msgspec

from tests.support.scripted_desk import ScriptedDesk
from tests.support.small_disk import leave, make_room

ENOUGH_TO_READ = 24
"""Pages."""


def main() -> None:
    """Arguments: the disk, a profile that has met its server, the server's address, a booking's id."""
    disk, profile, url, booking = Path(sys.argv[1]), *sys.argv[2:]
    shutil.copytree(profile, disk / "profile")
    desk = ScriptedDesk(disk / "profile", url, None)
    found = {"with room": desk.run("sync", "--once")}
    leave(disk, 0)
    found["opening"] = desk.run("send", booking, "one")
    leave(disk, ENOUGH_TO_READ)
    found["reading"] = desk.run("outbox")
    leave(disk, ENOUGH_TO_READ)
    found["writing"] = desk.run("send", booking, "two " + "x" * 3_000)
    make_room(disk)
    found["room again"] = desk.run("send", booking, "three", "--wait", "30")
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
