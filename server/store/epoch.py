"""Which history this is: an id for the feed's numbering, new whenever the past was replaced, with a guard beside it."""

import os
from pathlib import Path

import msgspec
import sqlalchemy as sa
import structlog

from contract.ids import new_id
from server.store.dialects import insert
from server.store.link import Link
from server.store.settings import StoreSettings, StoreUnusable
from server.store.tables import changes, meta

log = structlog.get_logger(__name__)

GUARD_FILE = "epoch_guard"
_FORMER_KEPT = 100


class Guard(msgspec.Struct, frozen=True):
    """What this data directory has promised its clients: numbers up to `head` of `epoch`."""

    epoch: str
    head: int


class EpochGuard:
    """The file beside the database that unmasks one copied back from the past: it promised more than that holds."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / GUARD_FILE
        self._written: Guard | None = None

    def read(self) -> Guard | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Guard)
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Guard(epoch="", head=0)

    def write(self, guard: Guard) -> None:
        """Replaces the file as a whole. It may lag behind the database, never run ahead of it."""
        if guard == self._written:
            return
        draft = self._path.with_suffix(f".{os.getpid()}.new")  # servers of one database may share their folder
        draft.write_bytes(msgspec.json.encode(guard))
        draft.replace(self._path)
        self._written = guard


def require_what_was_promised(settings: StoreSettings) -> None:
    """Raises StoreUnusable where clients were told of a history and its file is gone (a restore cut short, a disk not
    mounted): an empty database would be taken for the truth by all of them."""
    if settings.url is None and not settings.database.exists() and (settings.data_dir / GUARD_FILE).exists():
        raise StoreUnusable(
            f"{settings.database} is gone, and clients have been told what was in it. Bring it back: the newest"
            f" {settings.database.name}.before-restore-… beside it, where a restore was cut short (and the -wal of that"
            " name with it, if there is one), or"
            f" `fieldline-server restore BACKUP --data DIR`. To begin with nothing, remove {GUARD_FILE} there."
        )


def present_epoch(link: Link) -> str | None:
    """The database's own epoch; None when it has none yet."""
    return read_meta(link, "epoch")


def settle_epoch(link: Link, guard: EpochGuard) -> str:
    """The epoch to serve under: the database's own, or a new one when it has none, is older than its guard, or is a
    copy: its `place` is another one than when it was served last."""
    link.begin_write()
    try:
        head = newest_seq(link)
        epoch, promised = present_epoch(link), guard.read()
        if epoch is not None and promised is not None and _is_older(link, epoch, head, promised):
            log.warning("database is older than its guard: its history gets a new epoch", head=head)
            epoch = None
        place, before = link.place(), read_meta(link, "place")
        if epoch is not None and place is not None and before not in (None, place):
            log.warning("database is a copy or was promoted: its history gets a new epoch", head=head)
            epoch = None
        if place is not None and place != before:
            write_meta(link, "place", place)
        if epoch is None:
            epoch = renew_epoch(link)
        link.commit()
    finally:
        link.roll_back()
    guard.write(Guard(epoch, head))
    return epoch


def _is_older(link: Link, epoch: str, head: int, promised: Guard) -> bool:
    """Whether clients were promised more than is there. Another epoch alone does not say so where this one came after
    it: another server of the same database may have begun it."""
    if promised.epoch == epoch:
        return promised.head > head
    return promised.epoch not in _former_epochs(link)


def renew_epoch(link: Link) -> str:
    """Gives the history a new id; clients will take a snapshot and offer again what they had been told is done."""
    epoch, before = new_id(), present_epoch(link)
    if before is not None:
        former = [*_former_epochs(link), before][-_FORMER_KEPT:]
        write_meta(link, "former_epochs", msgspec.json.encode(former).decode())
    write_meta(link, "epoch", epoch)
    return epoch


def newest_seq(link: Link) -> int:
    return int(link.queries.scalar(sa.select(sa.func.coalesce(sa.func.max(changes.c.seq), 0))) or 0)


def write_meta(link: Link, key: str, value: str) -> None:
    """Sets one entry of the database's own notes."""
    statement = insert(meta).values(key=key, value=value)
    link.queries.execute(statement.on_conflict_do_update(index_elements=[meta.c.key], set_={"value": value}))


def read_meta(link: Link, key: str) -> str | None:
    """One entry of them; None where there is none."""
    return link.queries.scalar(sa.select(meta.c.value).where(meta.c.key == key))


def _former_epochs(link: Link) -> list[str]:
    return msgspec.json.decode(read_meta(link, "former_epochs") or "[]", type=list[str])
