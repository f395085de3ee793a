"""What happens in a run, and when: people's acts and faults, all of it decided by the seed before anything begins.

Numbers in an event are dice already thrown; what they mean (which booking, which button) is worked out when its time
has come, so that an event means the same whichever others are taken away to find the fewest that show a fault.
"""

import random

import msgspec

ACTS = {
    "write": 10, "note": 2, "press": 8, "assign": 1, "give": 2, "read": 4, "edit": 2, "remove": 1, "retry": 1,
    "confirm": 1, "discard": 1, "anyway": 2, "open": 1, "offline": 1, "online": 2,
}  # fmt: skip
"""What a person does, and how often as against the others."""
FAULTS = {
    "down": 3, "silent": 2, "lossy": 4, "repeating": 3, "meddling": 3, "cutting": 2, "no sockets": 2, "slow": 1,
    "cut": 2, "crash": 3, "server crash": 3, "sleep": 2, "wrong clock": 1, "backup": 2, "end session": 1,
    "both offline": 2,
}  # fmt: skip
LONGEST = {"down": 60.0, "silent": 70.0, "sleep": 400.0, "both offline": 60.0}
"""Seconds; 40 for all others."""
SEATS = 3
BOOKINGS = 3


class Event(msgspec.Struct, frozen=True):
    at: float
    """Seconds of the run."""
    kind: str
    seat: int
    dice: tuple[int, ...] = ()
    seconds: float = 0.0
    """How long a fault lasts."""


class Schedule(msgspec.Struct, frozen=True):
    seed: int
    keep_lines: int
    """Of the feed; few: it is pruned below the cursors of whoever is away for a minute."""
    same_person: bool
    """Whether the first two desks are two devices of one person."""
    events: list[Event]


def schedule_of(seed: int) -> Schedule:
    """About twenty acts and ten faults in two minutes. Each run has a climate of its own: a few kinds of fault, often,
    find more than all kinds, each seldom."""
    dice = random.Random(f"schedule {seed}")
    climate = dice.sample(sorted(FAULTS), dice.randint(2, 6))
    events: list[Event] = []
    at = 3.0
    for _ in range(dice.randint(26, 38)):
        at += dice.expovariate(0.3)
        faulty = dice.random() < 0.3
        kind = _choose(dice, {name: FAULTS[name] for name in climate} if faulty else ACTS)
        seconds = dice.uniform(1.0, LONGEST.get(kind, 40.0)) if faulty else 0.0
        events.append(Event(round(at, 3), kind, dice.randrange(SEATS), _throw(dice), round(seconds, 3)))
        if kind == "backup":
            events.append(Event(round(at + dice.uniform(5.0, 40.0), 3), "restore", 0, _throw(dice), 2.0))
    keep_lines = dice.choice((3, 10, 200_000))
    return Schedule(seed, keep_lines, dice.random() < 0.5, sorted(events, key=lambda event: event.at))


def _throw(dice: random.Random) -> tuple[int, ...]:
    return tuple(dice.randrange(10_000) for _ in range(3))


def _choose(dice: random.Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]
