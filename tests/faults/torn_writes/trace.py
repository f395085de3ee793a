"""A recorded sequence of writes and syncs, and what a disk may hold when the power goes after the n-th of them."""

import os
import random
import struct
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
_HEAD = struct.Struct("=cQQQ")
SECTOR = 512
"""Bytes that a disk writes as one."""
GONE_WITH_THE_POWER = "-shm"
"""The index of a WAL lives in memory; SQLite makes it anew."""


@dataclass(frozen=True)
class Step:
    kind: str
    """W write, S sync, T truncate, U unlink, R rename."""
    path: str
    """Within the folder."""
    offset: int
    data: bytes


def record(folder: Path, seed: int, program: str = "recorded_desk") -> list[Step]:
    """What a desk writes while it works, in order: `program` of this package, with the folder and the seed."""
    folder.mkdir(parents=True)
    shim, log = folder.parent / "write_log.so", folder.parent / "trace"
    compiled = ["gcc", "-O1", "-shared", "-fPIC", "-o", str(shim), str(HERE / "write_log.c"), "-ldl", "-lpthread"]
    subprocess.run(compiled, check=True)
    root = HERE.parents[2]
    extra = {"LD_PRELOAD": str(shim), "TORN_FOLDER": str(folder), "TORN_LOG": str(log)}
    command = [sys.executable, "-m", f"tests.faults.torn_writes.{program}", str(folder), str(seed)]
    subprocess.run(command, check=True, cwd=root, env=os.environ | extra, timeout=120)
    return list(_read(log.read_bytes(), folder))


def _read(content: bytes, folder: Path) -> Iterator[Step]:
    at = 0
    while at < len(content):
        kind, offset, path_length, length = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        path = content[at : at + path_length].decode()
        data = content[at + path_length : at + path_length + length]
        at += path_length + length
        if kind == b"R":
            data = str(Path(data.decode()).relative_to(folder)).encode()
        if not path.endswith(GONE_WITH_THE_POWER):
            yield Step(kind.decode(), str(Path(path).relative_to(folder)), offset, data)


def syncs(steps: list[Step]) -> list[int]:
    """The numbers of steps right after which a sync has returned."""
    return [number + 1 for number, step in enumerate(steps) if step.kind == "S"]


class Disk:
    """Plays the first steps of a trace as a disk that loses power then: what was synced stays whole; of what was not,
    `keep` says per write whether it stays, goes, or is torn. Names (create, rename, remove) keep their order."""

    def __init__(self, steps: list[Step], dice: random.Random, keep: str) -> None:
        """`keep`: none, all or some."""
        self.files: dict[str, bytearray] = {}
        self._unsynced: dict[str, list[Step]] = defaultdict(list)
        self._dice = dice
        self._keep = keep
        for step in steps:
            self._play(step)
        for path, writes in self._unsynced.items():
            for step in writes:
                self._lose(path, step)

    def put(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        for path, content in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)

    def _play(self, step: Step) -> None:
        if step.kind in {"W", "T"}:
            self.files.setdefault(step.path, bytearray())
            self._unsynced[step.path].append(step)
        elif step.kind == "S":
            for waiting in self._unsynced.pop(step.path, []):
                self._apply(step.path, waiting)
        elif step.kind == "U":
            self.files.pop(step.path, None)
            self._unsynced.pop(step.path, None)
        else:
            to = step.data.decode()
            self.files[to] = self.files.pop(step.path, bytearray())
            self._unsynced[to] = self._unsynced.pop(step.path, [])

    def _lose(self, path: str, step: Step) -> None:
        fate = self._dice.choice(("stays", "goes", "torn")) if self._keep == "some" else self._keep
        if fate in {"stays", "all"}:
            self._apply(path, step)
        elif fate == "torn" and len(step.data) > SECTOR:
            sectors = self._dice.randrange(1, len(step.data) // SECTOR + 1)
            self._apply(path, Step("W", path, step.offset, step.data[: sectors * SECTOR]))

    def _apply(self, path: str, step: Step) -> None:
        content = self.files[path]
        if step.kind == "T":
            del content[step.offset :]
            content.extend(bytes(step.offset - len(content)))
            return
        end = step.offset + len(step.data)
        content.extend(bytes(max(0, end - len(content))))
        content[step.offset : end] = step.data
