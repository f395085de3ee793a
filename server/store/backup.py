"""Backups: one file that holds everything, taken while the server runs, and brought back while it does not."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from contract.ids import new_id
from contract.moments import to_text
from server.store import sqlite
from server.store.data_lock import DataLock
from server.store.epoch import EpochGuard, Guard, newest_seq, renew_epoch, write_meta
from server.store.migrate import is_ours, require_known
from server.store.settings import StoreSettings, StoreUnusable


def back_up(settings: StoreSettings, target: Path) -> int:
    """Copies the database as of one moment to `target`, replacing it only once the copy is whole and checked; the
    newest seq in it. Writers are not held up. Raises StoreUnusable."""
    _require_sqlite(settings)
    if not settings.database.exists():
        raise StoreUnusable(f"There is no database in {settings.data_dir}. Name the server's --data directory.")
    source = sqlite.connect(settings.database, settings)
    try:
        with _draft(target) as draft:
            sqlite.copy_to(source, draft)
            head = _checked(draft)
            draft.replace(target)
    except (sqlite.DriverError, OSError) as error:
        raise StoreUnusable(
            f"The backup to {target} failed: {error}. Is there room, and may this user write?"
        ) from error
    finally:
        source.close()
    return head


def restore(settings: StoreSettings, backup: Path, now_ms: int) -> Path | None:
    """Puts a backup in the database's place, under a new epoch; where the old one was kept aside, if there was one.

    Refuses (StoreUnusable) while a server runs, and for a file that is damaged, no backup, or from a newer program;
    then nothing has been touched. However it is cut short, a start finds the one world whole or the other, or refuses
    because there is none in place."""
    _require_sqlite(settings)
    lock = DataLock(settings.data_dir)
    try:
        _require_no_stray_log(settings.database)
        with _draft(settings.database) as draft:
            _copy_checked(backup, draft)
            epoch, head = _give_new_epoch(draft, now_ms)
            aside = _put_aside(settings.database, now_ms)
            draft.replace(settings.database)
        EpochGuard(settings.data_dir).write(Guard(epoch, head))
    except (sqlite.DriverError, OSError) as error:
        raise StoreUnusable(f"{backup} could not be restored: {error}.") from error
    finally:
        lock.release()
    return aside


def _require_sqlite(settings: StoreSettings) -> None:
    if settings.url is not None:
        raise StoreUnusable(
            "The data is on a PostgreSQL server: use pg_dump to back it up and pg_restore to bring it back, with all"
            " Fieldline servers stopped. The next start notices a restored database by itself."
        )


@contextlib.contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A name beside the target to write to first; nothing of it stays when the work fails."""
    draft = target.with_name(f".{target.name}.{new_id()}")
    try:
        yield draft
    finally:
        for path in _files_of(draft):
            path.unlink(missing_ok=True)


def _files_of(database: Path) -> list[Path]:
    """A database and what SQLite may keep beside it."""
    return [database, *(database.with_name(database.name + suffix) for suffix in ("-wal", "-shm", "-journal"))]


def _checked(copy: Path) -> int:
    """The newest seq of a copy that is found whole; raises StoreUnusable."""
    with contextlib.closing(sqlite.open_file(copy)) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found is None or found[0] != "ok":
            raise StoreUnusable(f"The copy is damaged ({found[0] if found else 'unreadable'}).")
        row = connection.execute("SELECT coalesce(max(seq),0) FROM changes").fetchone()
    return int(row[0]) if row else 0


def _copy_checked(backup: Path, draft: Path) -> None:
    if not backup.is_file():
        raise StoreUnusable(f"{backup} is no file. Name a file that `fieldline-server backup` wrote.")
    try:
        with contextlib.closing(sqlite.open_file(backup)) as source:
            link = sqlite.SqliteLink(backup, source)
            if not is_ours(link):
                raise StoreUnusable(f"{backup} is no Fieldline backup. Nothing was changed.")
            require_known(link)
            sqlite.copy_to(source, draft)
        _checked(draft)
    except sqlite.DriverError as error:
        raise StoreUnusable(
            f"{backup} is no Fieldline backup, or it is damaged ({error}). Nothing was changed. Try an older one."
        ) from error


def _give_new_epoch(database: Path, now_ms: int) -> tuple[str, int]:
    """Its history goes on from another past than clients know, so it must not be taken for theirs."""
    with contextlib.closing(sqlite.SqliteLink(database, sqlite.open_file(database))) as link:
        epoch = renew_epoch(link)
        write_meta(link, "restored_at", to_text(now_ms))
        return epoch, newest_seq(link)


def _require_no_stray_log(database: Path) -> None:
    """SQLite takes any log for that of the database beside it, whichever that is: this one's was taken elsewhere."""
    strays = [path for path in _files_of(database)[1:] if path.exists() and not path.name.endswith("-shm")]
    if strays and not database.exists():
        kind = strays[0].name.removeprefix(database.name)
        raise StoreUnusable(
            f"{strays[0]} belongs to a database that is no longer beside it and is not whole without it. Move it to"
            f" that one (where a restore was cut short: the newest {database.name}.before-restore-…) and name it after"
            f" it, with {kind} at the end; where that one is gone for good, remove this file. Then restore again."
            " Nothing was changed."
        )


def _put_aside(database: Path, now_ms: int) -> Path | None:
    """Renames the present database, whole or damaged. What belongs to it is folded in first: between two renames a
    process may end, and the one file is no longer all of it."""
    if not database.exists():
        return None
    aside = database.with_name(f"{database.name}.before-restore-{to_text(now_ms).replace(':', '')}")
    with contextlib.suppress(sqlite.DriverError):  # damaged: what is left of its log goes with it
        sqlite.fold_log(database)
    for old, new in zip(_files_of(database), _files_of(aside), strict=True):
        if old.exists():
            old.replace(new)
    return aside
