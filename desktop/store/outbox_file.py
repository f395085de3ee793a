"""The outbox's file: checked and copied at each start, and mended from its copies where it is damaged."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from desktop.store.errors import Damaged, DiskFull, StoreError, Unavailable
from desktop.store.outbox_salvage import newest_number, salvage
from desktop.store.outbox_schema import OUTBOX_STEPS
from desktop.store.outbox_tally import OutboxTally
from desktop.store.profile_facts import ProfileFacts
from desktop.store.sqlcipher import connect, files_of, has_no_content, is_sound, migrate, put_aside, translated

if TYPE_CHECKING:
    from sqlite3 import Connection

Notice = tuple[str, dict[str, object]]
"""What a person must be told: text key, values."""
OUTBOX_FILE = "outbox.db"
BACKUPS = tuple(f"outbox.backup-{number}.db" for number in range(1, 6))
"""Newest first, each made at a start."""
RUNNING_COPY = "outbox.copy.db"
"""Made anew while the program runs, so that five starts stay five starts."""
_DRAFT = "outbox.salvage.part"
_SALVAGED = "outbox.salvage.db"
"""Whole and synced, on its way to the damaged file's place."""
OUTBOX_FILES = (OUTBOX_FILE, RUNNING_COPY, *BACKUPS, _DRAFT, _SALVAGED)
_UNTOLD = "salvage_untold"
_LEFT_FREE = 1 << 20
"""Bytes. What is clicked needs the last room of a disk more than a copy does."""


@dataclass(frozen=True, slots=True)
class OpenedOutbox:
    connection: "Connection"
    sound: bool
    """A copy of it belongs beside those of earlier starts (see is_backed_up). One mended just now takes no older one's
    place there."""


def open_outbox(directory: Path, key: bytes, tally: OutboxTally) -> OpenedOutbox:
    """Raises DiskFull, Unavailable, OSError. A cut at any moment of a salvage leaves the damaged file where it was, to
    begin again with, or the whole new one; what must be told waits in the new one until it was (see told)."""
    if (directory / _SALVAGED).exists() and not (directory / OUTBOX_FILE).exists():
        _take_the_place(directory)
    promised = tally.read()
    opened = _open_sound(directory, key, promised)
    if opened is None:
        _mend(directory, key, promised)
        opened = OpenedOutbox(connect(directory / OUTBOX_FILE, key, durable=True), sound=False)
        tally.note(newest_number(opened.connection))
    return opened


def keep_untold(facts: ProfileFacts, notice: Notice) -> None:
    """A person must be told of it, at a later start where not at this one. Raises DiskFull."""
    facts.put(_UNTOLD, msgspec.json.encode(notice).decode())


def untold(facts: ProfileFacts) -> list[Notice]:
    """Of the last salvage or the last lost key, until told()."""
    found = facts.get(_UNTOLD)
    return [] if found is None else [msgspec.json.decode(found, type=Notice)]


def told(facts: ProfileFacts) -> None:
    """The person knows of it. Raises DiskFull."""
    if facts.get(_UNTOLD) is not None:
        facts.put(_UNTOLD, None)


def copy_to(connection: "Connection", path: Path) -> None:
    """A whole copy under the same key, in place of what was there once it is complete. Raises DiskFull, also where it
    would leave next to no room, Unavailable, Damaged."""
    draft = path.with_name(f"{path.name}.part")
    try:
        draft.unlink(missing_ok=True)
        try:
            with translated():
                if shutil.disk_usage(path.parent).free < _size_of(connection) + _LEFT_FREE:
                    raise DiskFull("a copy would take the last room")
                connection.execute("VACUUM INTO ?", (str(draft),))
            draft.replace(path)
        finally:
            # Half a copy holds room that the outbox itself needs.
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(str(error)) from error


def _size_of(connection: "Connection") -> int:
    """Bytes of the whole file."""
    pages, size = (int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size"))
    return pages * size


def back_up(connection: "Connection", directory: Path) -> None:
    """A start's copy beside those of the last ones, of which the oldest goes. Raises DiskFull, Unavailable, Damaged."""
    files = [directory / name for name in BACKUPS]
    draft = directory / "outbox.backup.new"
    copy_to(connection, draft)
    try:
        for newer, older in zip(reversed(files[:-1]), reversed(files[1:]), strict=True):
            if newer.exists():
                newer.replace(older)
        draft.replace(files[0])
    except OSError as error:
        raise Unavailable(str(error)) from error


def is_backed_up(connection: "Connection", directory: Path) -> bool:
    """Whether back_up could be done; that it cannot now is no reason to keep the desk from its files."""
    try:
        back_up(connection, directory)
    except StoreError:
        return False
    return True


def _open_sound(directory: Path, key: bytes, promised: int) -> OpenedOutbox | None:
    """The file as it is; None where it is damaged or has lost its end."""
    path = directory / OUTBOX_FILE
    if has_no_content(path) and _copies(directory):
        return None
    try:
        connection = connect(path, key, durable=True)
    except Damaged:
        return None
    try:
        migrate(connection, "outbox", OUTBOX_STEPS)
        if is_sound(connection) and newest_number(connection) >= promised:
            (directory / _SALVAGED).unlink(missing_ok=True)
            return OpenedOutbox(connection, sound=True)
    except Damaged:
        pass  # closed below, like one that is not sound
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def _mend(directory: Path, key: bytes, promised: int) -> None:
    """Makes a new outbox of what can be read, and puts it in the damaged one's place once it is whole and synced."""
    draft, mark = directory / _DRAFT, f"damaged-{int(time.time())}"
    for file in (*files_of(draft), draft.with_name(f"{draft.name}-journal")):
        file.unlink(missing_ok=True)
    connection = connect(draft, key, durable=True)
    try:
        migrate(connection, "outbox", OUTBOX_STEPS)
        found = salvage([directory / OUTBOX_FILE, *_copies(directory)], key, connection, promised)
        facts = ProfileFacts(connection)
        whole = found.complete and newest_number(connection) >= promised
        whole = whole and all(name == "outbox_salvaged" for name, _ in untold(facts))
        values = {"kept": found.operations, "damaged_file": f"{OUTBOX_FILE}.{mark}"}
        notice = ("outbox_salvaged" if whole else "outbox_salvaged_partly", values)
        keep_untold(facts, notice)
        with translated():
            # Into the one file, synced: a log left beside it would stay behind.
            connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()
    draft.replace(directory / _SALVAGED)
    _take_the_place(directory, mark)


def _take_the_place(directory: Path, mark: str = "") -> None:
    """The damaged file goes first, then its log, which must not be taken for the new one's."""
    put_aside(directory / OUTBOX_FILE, mark or f"damaged-{int(time.time())}")
    (directory / _SALVAGED).replace(directory / OUTBOX_FILE)


def _copies(directory: Path) -> list[Path]:
    """Newest first: what was taken back since an older one must not come to life again from it."""
    files = [directory / name for name in (RUNNING_COPY, *BACKUPS) if (directory / name).exists()]
    return sorted(files, key=lambda path: path.stat().st_mtime_ns, reverse=True)
