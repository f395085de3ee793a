"""An outbox whose pages go bad under the connection that has it open."""

from pathlib import Path

from desktop.store.outbox_file import OUTBOX_FILE
from desktop.sync.desk import Desk

PAGE = 4096


def spoil(desk: Desk, folder: Path) -> None:
    """Every page but the first becomes rubbish, and none of them is in memory any more."""
    connection = desk.outbox._connection
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (folder / OUTBOX_FILE).open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(PAGE)
        file.write(b"\x5a" * (size - PAGE))
    connection.execute("PRAGMA shrink_memory")
