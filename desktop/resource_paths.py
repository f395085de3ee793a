"""Where the program's own files are found: in the source tree or inside the frozen program."""

import sys
from pathlib import Path


def resource_path(*parts: str) -> Path:
    """A file under resources/."""
    frozen = getattr(sys, "_MEIPASS", None)
    root = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    return root.joinpath("resources", *parts)
