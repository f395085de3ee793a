"""Which history this is: an id for the feed's numbering, new whenever the past was replaced, with a guard beside it."""

from pathlib import Path

import msgspec
import structlog

from contract.ids import new_id
from server.store import sqlite

log = structlog.get_logger(__name__)


class Guard(msgspec.Struct, frozen=True):
    """What this data directory has promised its clients: numbers up to `head` of `epoch`."""

    epoch: str
    head: int


class EpochGuard:
    """The file beside the database that unmasks one copied back from the past: it promised more than that holds."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "epoch_guard"
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
        draft = self._path.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(guard))
        draft.replace(self._path)
        self._written = guard


def present_epoch(connection: sqlite.Connection) -> str | None:
    """The database's own epoch; None when it has none yet."""
    row = connection.execute("SELECT value FROM meta WHERE key='epoch'").fetchone()
    return None if row is None else str(row[0])


def settle_epoch(connection: sqlite.Connection, guard: EpochGuard) -> str:
    """The epoch to serve under: the database's own, or a new one when it has none or is older than its guard."""
    row = connection.execute("SELECT coalesce(max(seq),0) FROM changes").fetchone()
    head = int(row[0]) if row else 0
    epoch, promised = present_epoch(connection), guard.read()
    if epoch is not None and promised is not None and (promised.epoch != epoch or promised.head > head):
        log.warning("database is older than its guard: its history gets a new epoch", head=head, promised=promised.head)
        epoch = None
    if epoch is None:
        epoch = renew_epoch(connection)
    guard.write(Guard(epoch, head))
    return epoch


def renew_epoch(connection: sqlite.Connection) -> str:
    """Gives the history a new id; clients will take a snapshot and offer again what they had been told is done."""
    epoch = new_id()
    connection.execute(
        "INSERT INTO meta(key,value) VALUES('epoch',?) ON CONFLICT(key) DO UPDATE SET value=excluded.value", (epoch,)
    )
    return epoch
