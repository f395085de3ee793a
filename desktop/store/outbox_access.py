"""Reads and writes of the outbox: its damage is never taken for the cache's, which could simply be fetched anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from desktop.store import sqlcipher
from desktop.store.errors import Damaged, OutboxDamaged

if TYPE_CHECKING:
    from sqlite3 import Connection


@contextmanager
def transaction(connection: "Connection") -> Iterator["Connection"]:
    """One write transaction: all of it or nothing. Raises DiskFull, Unavailable, OutboxDamaged."""
    with outbox_named(), sqlcipher.transaction(connection):
        yield connection


@contextmanager
def translated() -> Iterator[None]:
    """Turns the driver's errors into this package's. Raises DiskFull, Unavailable, OutboxDamaged."""
    with outbox_named(), sqlcipher.translated():
        yield


@contextmanager
def outbox_named() -> Iterator[None]:
    """Damage met in the block is the outbox's."""
    try:
        yield
    except Damaged as error:
        raise OutboxDamaged(str(error)) from error
