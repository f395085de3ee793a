"""What must be told to a view when a list of rows becomes another: the fewest runs of rows, compared by key."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowChanges:
    """The first `before` rows and the last `after` rows keep their keys; what was between them is replaced."""

    before: int
    after: int
    removed: int
    inserted: int


def row_changes(old: Sequence[str], new: Sequence[str]) -> RowChanges:
    """Common beginning and end of two key lists; right for lists that grow at either end or change in one place."""
    shorter = min(len(old), len(new))
    before = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    rest = shorter - before
    after = next((place for place in range(rest) if old[-1 - place] != new[-1 - place]), rest)
    return RowChanges(before, after, len(old) - before - after, len(new) - before - after)
