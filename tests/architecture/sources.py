"""The files of a checkout that the house rules look at, read and parsed once each."""

import ast
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PRODUCT = ("contract", "server", "desktop")
CODE = (*PRODUCT, "tests", "demo")
_UNTRACKED = {".git", ".venv", ".uv", "build", "dist", "node_modules", "demo-output", "bench-output", "__pycache__"}
_BINARY = {".png", ".jpg", ".ico", ".ttf", ".otf", ".ttc", ".woff", ".woff2", ".wav", ".ogg", ".db", ".gz", ".qm"}


@dataclass(frozen=True)
class Source:
    """One Python file: `where` is its path from the root, with slashes."""

    path: Path
    where: str

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.where)

    @property
    def top(self) -> str:
        return self.where.split("/", 1)[0]

    @property
    def is_product(self) -> bool:
        return self.top in PRODUCT


@dataclass(frozen=True)
class Checkout:
    """A tree of sources: this repository, or a small copy with a fault planted in it."""

    root: Path

    @cached_property
    def python(self) -> list[Source]:
        return [
            Source(path, where) for path, where in self._walk() if where.endswith(".py") and where.split("/")[0] in CODE
        ]

    @cached_property
    def texts(self) -> list[tuple[str, str]]:
        """(where, text) of every file that is not binary, the lock left out."""
        return [
            (where, path.read_text(encoding="utf-8", errors="replace"))
            for path, where in self._walk()
            if path.suffix not in _BINARY and where != "uv.lock"
        ]

    @cached_property
    def paths(self) -> list[str]:
        return [where for _, where in self._walk()]

    def _walk(self) -> list[tuple[Path, str]]:
        return [(self.root / where, where) for where in _names(self.root) if (self.root / where).is_file()]


def _names(root: Path) -> list[str]:
    """What git knows or would take in; where there is no git or it will not say, everything."""
    if (root / ".git").exists() and shutil.which("git"):
        command = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, check=False, capture_output=True, text=True).stdout
        if listed:
            return sorted(name for name in listed.split("\0") if name)
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if not _UNTRACKED & set(path.parts))
