"""What one run came to, as it is told from one process to another."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """`violations`: sentences, each beginning with the invariant of the reference (I1 to I15) that was broken."""

    seed: int
    violations: list[str]
    operations: int
    hits: dict[str, int]
    steps: int
    digest: str
