"""Opens a profile with less and less room on a disk of its own, and makes room again: prints how each opening ended.

Run by test_full_disk_at_start, in a process whose first argument is the disk (see tests/support/small_disk)."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from desktop.config import DesktopConfig
from desktop.state.changes import Changes
from desktop.store.errors import NoRoom
from desktop.store.profile import Profile
from desktop.sync.desk import build_desk
from tests.support.desk_builders import ANN, booking_row, item, line
from tests.support.small_disk import leave, make_room

LINES = 30
ELSEWHERE = "https://elsewhere.example.org"


class Opening(msgspec.Struct):
    pages: int
    opened: bool
    put_off: bool = False
    backed_up: bool = True
    held: int = 0
    """Lines of the outbox that could be read."""
    listed: int = 0
    """Bookings of the cache that could be read."""
    said: str = ""
    """Why it did not open."""
    later: int = 0
    """Lines held once there was room, at a start after this one."""
    notices: list[str] = []
    """Of that start."""
    copies: int = 0
    """Start's copies of the outbox that lie there then."""
    server: str = ""
    """Kept once there was room."""
    same_device: bool = True


def build(profile: Path) -> Profile:
    """Its desk's profile, worked with as a desk that has not started its tasks."""
    found = build_desk(DesktopConfig(profile, ELSEWHERE), Changes()).parts.profile
    found.outbox.author_id = ANN.user_id
    return found


def used(profile: Path, kept: Path) -> None:
    """As a power cut leaves it: much queued, some of it on the wire, a few bookings held."""
    opened = build(profile)
    opened.outbox.facts.keep_server("https://desk.example.org")
    for number in range(LINES):
        opened.outbox.add(line("a", f"{number} " + "x" * 1_500), f"lane {number}")
    opened.lanes.claim(ANN.user_id)

    async def fill() -> None:
        await opened.worker.run(lambda cache: cache.own(ANN.user_id, "staff"))
        rows = [item(number, "bookings", booking_row(f"b{number}")) for number in range(1, 9)]
        await opened.worker.run(lambda cache: cache.apply(rows, 9))

    asyncio.run(fill())
    shutil.copytree(profile, kept)
    opened.close()


def closed(profile: Path, kept: Path) -> None:
    """The same, closed in peace."""
    used(profile, kept)
    shutil.rmtree(kept)
    shutil.copytree(profile, kept)


def new(profile: Path, kept: Path) -> None:
    kept.mkdir()


def locked_out(profile: Path, kept: Path) -> None:
    closed(profile, kept)
    (kept / "key").write_bytes(b"rubbish")


def try_to_open(disk: Path, kept: Path, pages: int) -> Opening:
    profile = disk / "profile"
    make_room(disk)
    shutil.rmtree(profile, ignore_errors=True)
    shutil.copytree(kept, profile)
    leave(disk, pages)
    try:
        opened = build(profile)
    except NoRoom as error:
        outcome, device = Opening(pages, opened=False, said=str(error)), ""
        make_room(disk)
    else:
        put_off, device = bool(opened.put_off), opened.device_id()
        listed = len(opened.reader.order("all", "", ANN))
        outcome = Opening(pages, True, put_off, opened.backed_up, len(opened.outbox.unfinished()), listed)
        make_room(disk)
        opened.put_off.again()
        if not opened.backed_up:
            asyncio.run(opened.make_up_for_backup())
        outcome.server = opened.outbox.facts.server_url
        opened.close()
    again = build(profile)
    outcome.later, outcome.notices = len(again.outbox.unfinished()), [key for key, _ in again.notices]
    outcome.copies = len(list(profile.glob("outbox.backup-*.db")))
    outcome.same_device = device in {"", again.device_id()}
    again.close()
    return outcome


SCENES: dict[str, Callable[[Path, Path], None]] = {
    "used": used,
    "closed": closed,
    "new": new,
    "locked_out": locked_out,
}


def main() -> None:
    """Arguments: the disk, then for each scene its name and the pages to leave in turn, as `closed:0,20,100`."""
    disk = Path(sys.argv[1])
    found: dict[str, list[Opening]] = {}
    for asked in sys.argv[2:]:
        name, rooms = asked.split(":")
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "kept"
            make_room(disk)
            shutil.rmtree(disk / "profile", ignore_errors=True)
            SCENES[name](disk / "profile", kept)
            found[name] = [try_to_open(disk, kept, int(pages)) for pages in rooms.split(",")]
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
