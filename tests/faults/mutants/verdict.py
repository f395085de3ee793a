"""What became of one mutant, as it is told from one process to another; and what counts as having noticed it."""

import re
from collections.abc import Sequence

import msgspec

from tests.faults.mutants.mutant import Watched

_OF_AN_INVARIANT = re.compile(r"I([1-9]|1[0-5]) ")


class MutantVerdict(msgspec.Struct, frozen=True):
    """`seed`: the one that killed it; None: it lived through all that were tried, or is itself broken (`says`)."""

    mutant: str
    seed: int | None
    tried: int
    says: str
    seconds: float


def noticed(violations: Sequence[str], watched: Watched) -> str | None:
    """The first sentence about an invariant. None where there is none, and where nothing can be said of the rule: the
    mutant was never called, or failed by itself. What the loop or a program complains of does not count."""
    if watched.mistakes or not watched.called:
        return None
    return next((sentence for sentence in violations if _OF_AN_INVARIANT.match(sentence)), None)
