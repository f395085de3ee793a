"""What became of one mutant, as it is told from one process to another."""

import msgspec


class MutantVerdict(msgspec.Struct, frozen=True):
    """`seed`: the one that killed it; None: it lived through all that were tried."""

    mutant: str
    seed: int | None
    tried: int
    says: str
    seconds: float
