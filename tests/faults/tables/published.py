"""Reads the tables of docs/states.md, the specification that this folder (tier 1) holds the program to."""

from functools import cache
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "states.md"
CANNOT_BE = "–"


@cache
def table(heading: str) -> dict[tuple[str, str], str]:
    """The cells of the one table under `## heading`, by (row's name, column's name)."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    cells: dict[tuple[str, str], str] = {}
    for name, *row in rows:
        for column, cell in zip(head[1:], row, strict=True):
            assert (name, column) not in cells, f"{heading}: {name} stands there twice"
            cells[name, column] = cell
    return cells


def rows(heading: str) -> list[str]:
    return list(dict.fromkeys(row for row, _ in table(heading)))


def columns(heading: str) -> list[str]:
    return list(dict.fromkeys(column for _, column in table(heading)))


def target(heading: str, row: str, column: str) -> str | None:
    """A cell, None where it cannot be."""
    cell = table(heading)[row, column]
    return None if cell == CANNOT_BE else cell
