"""What a disk holds at one instant: the files that a computer would find after its power was cut then."""

import os
import shutil
from pathlib import Path

_NOT_KEPT = ("-shm", ".lock", ".new")
"""Memory and locks end with the process that held them."""


def copy_as_is(source: Path, target: Path) -> None:
    """Every file byte for byte, in the middle of whatever is being written: a transaction without its COMMIT is in the
    log and does not count, as after a real crash."""
    target.mkdir()
    with os.scandir(source) as found:
        for file in found:
            if file.is_file() and not file.name.endswith(_NOT_KEPT):
                shutil.copyfile(file.path, f"{target}/{file.name}")


def forget(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
