"""What happens in a run, and when: people's acts and faults, all of it decided by the seed before anything begins."""

import random

import msgspec

from tests.faults.simulation.event import Event, thrown
from tests.faults.simulation.scenes import FEW_LINES, ON_A_DESK, SCENES, handed_over, opened, overtaken, scene

ACTS = {
    "write": 10, "note": 2, "press": 8, "assign": 1, "give": 2, "read": 4, "edit": 2, "remove": 1, "retry": 1,
    "confirm": 1, "discard": 1, "decide": 2, "open": 1, "offline": 1, "online": 2,
    "close": 0, "go on": 0, "create": 0,
}  # fmt: skip
"""What a person does, and how often as against the others; never: in scenes alone."""
FAULTS = {
    "down": 3, "silent": 2, "lossy": 4, "repeating": 3, "meddling": 3, "cutting": 2, "no sockets": 2, "slow": 1,
    "cut": 2, "crash": 3, "server crash": 3, "sleep": 2, "wrong clock": 1, "backup": 2, "end session": 1,
    "both offline": 2, "frame lost": 2,
}  # fmt: skip
LONGEST = {"down": 60.0, "silent": 70.0, "sleep": 400.0, "both offline": 60.0}
"""Seconds; 40 for all others."""
SEATS = 3
WITH_A_SCENE = 0.6
OVERTAKEN = 0.15
BY_HAND = 0.4
SHARED = 0.5
"""Of those where an operator must sign in by hand."""
OPENED = 0.2
PROXIED = 0.1
"""Shares of all runs."""


class Schedule(msgspec.Struct, frozen=True):
    seed: int
    keep_lines: int
    """Of the feed; few: it is pruned below the cursors of whoever is away for a minute."""
    same_person: bool
    """Whether the first two desks are two devices of one person."""
    events: list[Event]
    proxied: int | None = None
    """The seat, if any, whose network lets no WebSocket through from first to last."""
    by_hand: int | None = None
    """The seat, if any, whose settings have no password: once its session is over, somebody must sign in."""
    shared: bool = False
    """Whether two people take turns at that one."""


def schedule_of(seed: int) -> Schedule:
    """About twenty acts and ten faults in two minutes. Each run has a climate of its own: a few kinds of fault, often,
    find more than all kinds, each seldom. In most there is a scene besides; in some a press with text behind it is
    overtaken, bookings are opened, a desk never has a socket, or a person must sign in by hand."""
    dice = random.Random(f"schedule {seed}")
    climate = dice.sample(sorted(FAULTS), dice.randint(2, 6))
    name = dice.choice(SCENES) if dice.random() < WITH_A_SCENE else None
    events: list[Event] = []
    at = 3.0
    for _ in range(dice.randint(26, 38) - (6 if name else 0)):
        at += dice.expovariate(0.3)
        faulty = dice.random() < 0.3
        kind = _choose(dice, {name: FAULTS[name] for name in climate} if faulty else ACTS)
        seconds = dice.uniform(1.0, LONGEST.get(kind, 40.0)) if faulty else 0.0
        events.append(Event(round(at, 3), kind, dice.randrange(SEATS), thrown(dice), round(seconds, 3)))
        if kind == "backup":
            events.append(Event(round(at + dice.uniform(5.0, 40.0), 3), "restore", 0, thrown(dice), 2.0))
    keep_lines = dice.choice((3, 10, 200_000))
    if name is not None:
        events += scene(dice, name, max(event.at for event in events))
        keep_lines = 3 if name in FEW_LINES else keep_lines
    proxied = dice.randrange(SEATS) if dice.random() < PROXIED else None
    aside = random.Random(f"overtaken {seed}")
    if aside.random() < OVERTAKEN:
        events += overtaken(aside)
    if aside.random() < OPENED:
        events += opened(aside)
    by_hand = aside.randrange(SEATS) if aside.random() < BY_HAND else None
    shared = by_hand is not None and by_hand < ON_A_DESK and aside.random() < SHARED
    if by_hand is not None and shared:
        events += handed_over(aside, by_hand)
    events.sort(key=lambda event: event.at)
    return Schedule(seed, keep_lines, dice.random() < 0.5, events, proxied, by_hand, shared)


def _choose(dice: random.Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]
