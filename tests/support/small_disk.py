"""A file system of its own, so small that it can be filled: mounted in a namespace that needs nobody's rights but one's
own, and gone with the process that lives in it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.server_process import ROOT

_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


def _can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


needs_small_disk = pytest.mark.skipif(not _can_mount(), reason="no namespace to be had here to mount a disk in")
PAGE = 4096
"""Bytes in which a memory file system gives out room."""
_FILLING = "filling"


def on_a_small_disk(size: int, folder: Path, module: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    """Runs `python -m module folder arguments`, where `folder` is a disk of `size` bytes; returns what it printed."""
    folder.mkdir(parents=True, exist_ok=True)
    script = f'mount -t tmpfs -o size={size} none "$1" && shift && exec "$@"'
    command = [*_NAMESPACE, "sh", "-c", script, "sh", str(folder)]
    done = subprocess.run(
        [*command, sys.executable, "-m", module, str(folder), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def leave(disk: Path, pages: int) -> None:
    """Fills the disk but for this many pages."""
    make_room(disk)
    free = os.statvfs(disk).f_bfree - pages
    assert free >= 0, "there is less room than is to be left"
    with (disk / _FILLING).open("wb") as file:
        file.write(b"x" * (free * PAGE))


def make_room(disk: Path) -> None:
    """Takes the filling away."""
    (disk / _FILLING).unlink(missing_ok=True)
