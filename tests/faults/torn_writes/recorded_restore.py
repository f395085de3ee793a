"""A restore over what a crashed server left, in a process whose writes are recorded; arguments: FOLDER SEED.

The server had stored Ann when the backup was taken and Bea when it crashed: she is in its log only. The folder's file
`restoring` is there from the restore's beginning on, `restored` once it has ended.
"""

import asyncio
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from contract.ids import new_id
from server.store.backup import back_up, restore
from server.store.direct import write_directly
from server.store.settings import StoreSettings
from server.store.store import Store
from server.store.tables import profiles
from server.store.transactions import WriteTx

BACKUP = "backup.db"
NOW_MS = 1_795_000_000_000
CRASH = "crash"


def work(folder: Path) -> None:
    settings = StoreSettings(folder)
    write_directly(settings, partial(_add, "Ann"))
    back_up(settings, folder / BACKUP)
    subprocess.run([sys.executable, "-m", "tests.faults.torn_writes.recorded_restore", str(folder), CRASH], check=True)
    _note(folder / "restoring")
    restore(settings, folder / BACKUP, NOW_MS)
    _note(folder / "restored")


async def crash(folder: Path) -> None:
    store = Store.open(StoreSettings(folder))
    store.start(asyncio.get_running_loop(), lambda batch: None)
    await store.write(partial(_add, "Bea"))
    os._exit(0)


def _add(name: str, tx: WriteTx) -> None:
    tx.execute(sa.insert(profiles).values(id=new_id(), name=name, role="customer"))


def _note(path: Path) -> None:
    path.write_bytes(b"-")


if __name__ == "__main__":
    if sys.argv[2] == CRASH:
        asyncio.run(crash(Path(sys.argv[1])))
    work(Path(sys.argv[1]))
