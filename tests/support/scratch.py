"""A place for files that nobody needs after a power cut: in memory, where the system offers that."""

import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 2_000_000_000
"""Bytes that must be free there: it is everybody's."""


def in_memory() -> Path | None:
    """A folder for temporary folders that waits for no disk; None: the usual place must do."""
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ROOM:
        return None
    return _MEMORY
