"""What the palette offers: commands and bookings that fit what was typed, best first."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST = 9


@dataclass(frozen=True, slots=True)
class PaletteRow:
    """A command (`key` is its name) or a booking (`key` is `booking:<id>`)."""

    key: str
    text: str
    detail: str = ""


def matching(rows: Sequence[PaletteRow], typed: str, most: int = MOST) -> list[PaletteRow]:
    """Rows in which every typed word occurs; those where a word begins with it come first."""
    wanted = typed.casefold().split()
    scored = [(score, place) for place, row in enumerate(rows) if (score := _score(row, wanted)) is not None]
    return [rows[place] for _, place in sorted(scored)[:most]]


def _score(row: PaletteRow, wanted: Sequence[str]) -> int | None:
    text = f"{row.text} {row.detail}".casefold()
    if not all(word in text for word in wanted):
        return None
    begins = text.split()
    return sum(not any(part.startswith(word) for part in begins) for word in wanted)
