"""The outbox's file: checked and copied at each start, and mended from its copies where it is damaged."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from desktop.store.errors import Damaged, Unavailable
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


def open_outbox(directory: Path, key: bytes, tally: OutboxTally) -> "Connection":
    """Raises DiskFull, Unavailable, OSError. A cut at any moment of a salvage leaves the damaged file where it was, to
    begin again with, or the whole new one; what must be told waits in the new one until it was (see told)."""
    if (directory / _SALVAGED).exists() and not (directory / OUTBOX_FILE).exists():
        _take_the_place(directory)
    promised = tally.read()
    connection = _open_sound(directory, key, promised)
    if connection is None:
        _mend(directory, key, promised)
        connection = connect(directory / OUTBOX_FILE, key, durable=True)
        tally.note(newest_number(connection))
    return connection


def untold(facts: ProfileFacts) -> list[Notice]:
    """Of the last salvage, until told()."""
    found = facts.get(_UNTOLD)
    return [] if found is None else [msgspec.json.decode(found, type=Notice)]


def told(facts: ProfileFacts) -> None:
    """The person knows of the salvage. Raises DiskFull."""
    if facts.get(_UNTOLD) is not None:
        facts.put(_UNTOLD, None)


def copy_to(connection: "Connection", path: Path) -> None:
    """A whole copy under the same key, in place of what was there once it is complete. Raises DiskFull, Unavailable,
    Damaged."""
    draft = path.with_name(f"{path.name}.part")
    try:
        draft.unlink(missing_ok=True)
        with translated():
            connection.execute("VACUUM INTO ?", (str(draft),))
        draft.replace(path)
    except OSError as error:
        raise Unavailable(str(error)) from error


def _open_sound(directory: Path, key: bytes, promised: int) -> "Connection | None":
    """The file as it is, with a copy made of it; None where it is damaged or has lost its end."""
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
            _back_up(connection, directory)
            (directory / _SALVAGED).unlink(missing_ok=True)
            return connection
    except Damaged:
        pass  # closed below, like one that is not sound
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
        facts.put(_UNTOLD, msgspec.json.encode(notice).decode())
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


def _back_up(connection: "Connection", directory: Path) -> None:
    """A whole copy beside the last ones, of which the oldest goes."""
    files = [directory / name for name in BACKUPS]
    draft = directory / "outbox.backup.new"
    copy_to(connection, draft)
    for newer, older in zip(reversed(files[:-1]), reversed(files[1:]), strict=True):
        if newer.exists():
            newer.replace(older)
    draft.replace(files[0])
