"""Where a profile lives: which folder of which computer. A copy of it elsewhere is another device."""

import hashlib
import platform
from pathlib import Path


def place_of(directory: Path, machine: bytes) -> str:
    """Alike at every start in the same place, and telling nothing of it. `machine` is what also wraps the key (see
    keys.machine_secret); the computer's name is added because clones have the rest in common. Where a computer is given
    another name its profiles get new ids, and nothing else comes of it."""
    parts = (machine, platform.node().encode(), str(directory.resolve()).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
