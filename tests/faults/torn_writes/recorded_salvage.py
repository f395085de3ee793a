"""A damaged outbox being mended, in a process whose writes are recorded; arguments: FOLDER SEED.

The folder's file `damaged` is there from the damage on, `kept` names what the salvage has saved, `told` is there once
the person was told of it.
"""

import os
import sys
from pathlib import Path

from tests.support.desk_builders import ANN, fresh_profile, line

OPS = 12
DRAFT = "half a sentence"
PAGE = 4096


def work(folder: Path, seed: int) -> None:
    profile = fresh_profile(folder)
    for number in range(OPS):
        profile.outbox.add(line("b1", f"{number} " + "x" * 900), "b1")
    profile.outbox.drafts.save(ANN.user_id, "b1", DRAFT)
    profile.close()
    for backup in folder.glob("outbox.backup*"):
        backup.unlink()  # all that is left is the damaged file
    (folder / "outbox.tally").unlink()
    file = os.open(folder / "outbox.db", os.O_RDWR)
    last = os.fstat(file).st_size - PAGE * (1 + seed % 2)
    os.lseek(file, last, os.SEEK_SET)
    os.write(file, bytes(100))
    os.fsync(file)
    _note(folder / "damaged", "")
    profile = fresh_profile(folder)
    _note(folder / "kept", "\n".join(op.op_id for op in profile.outbox.unfinished()))
    profile.told()
    _note(folder / "told", "")
    os._exit(0)


def _note(path: Path, text: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(file, text.encode() + b"\n")
    os.fsync(file)


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]))
