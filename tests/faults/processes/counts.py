"""What a run of stories comes to: rounds, operations, faults by class; which points it visits, and its quotas."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.processes.points import CLIENT_POINTS, SERVER_POINTS

Point = tuple[str, str]
"""(who is killed, where)"""
POINTS = tuple(("desk", point) for point in CLIENT_POINTS) + tuple(("server", point) for point in SERVER_POINTS)
DATABASE_POINTS = tuple(("postgres", point) for point in SERVER_POINTS)
"""Where a server passes, and its database is killed."""
LINK_FAULTS = ("link cut", "link down", "link half-open")
TOLD = ("asked", "asked in vain", "measured", "signed out", "refused since")
"""Of I14: requests, answered and not; of I15: samples; of I12: whose rights ended, and what they tried afterwards."""


@dataclass
class Counts:
    rounds: int = 0
    operations: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    """Points that were armed and not passed; the process was killed at a moment of no name instead."""
    violations: int = 0
    told: Counter[str] = field(default_factory=Counter)
    """Events that three of the invariants are nothing without, by TOLD."""

    def add(self, other: "Counts") -> None:
        self.rounds += other.rounds
        self.operations += other.operations
        self.faults += other.faults
        self.missed += other.missed
        self.violations += other.violations
        self.told += other.told

    @property
    def kills(self) -> int:
        return sum(count for fault, count in self.faults.items() if "killed" in fault)


def schedule(rounds: int, seed: int, points: Sequence[Point] = POINTS) -> list[Point]:
    """Every point about equally often, in an order of the seed's."""
    dice = random.Random(seed)
    drawn = [points[number % len(points)] for number in range(rounds)]
    dice.shuffle(drawn)
    return drawn


def unmet(counts: Counts, wanted: Sequence[Point]) -> list[str]:
    """The quotas a run did not reach: each point as often as asked for, each fault of the link at all, and a history
    that tells what every invariant is about."""
    quotas = Counter(f"{side} killed at {point}" for side, point in wanted) + Counter(LINK_FAULTS)
    silent = [f"nothing told of: {what}" for what in TOLD if not counts.told[what]]
    return silent + [
        f"{fault}: {counts.faults[fault]} of {quota}" for fault, quota in quotas.items() if counts.faults[fault] < quota
    ]
