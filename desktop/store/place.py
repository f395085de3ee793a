"""Where a profile lives: in which folder. A copy of it elsewhere is another device."""

import hashlib
from pathlib import Path


def place_of(directory: Path) -> str:
    """Alike at every start in the same place, and telling nothing of it."""
    return hashlib.sha256(str(directory.resolve()).encode()).hexdigest()
