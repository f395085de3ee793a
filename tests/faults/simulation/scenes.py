"""Situations that chance makes too seldom: a few acts and faults in a row, laid among the other events of a run."""

import random
from collections.abc import Callable, Mapping

from tests.faults.simulation.event import Event, thrown

ON_A_DESK = 2
"""The first two seats are operators, who see every booking."""
PRESSED_OFFLINE = 2
"""Bookings of those workflows whose first buttons are taken without a network: the first two of template.WORKFLOWS."""
SEATS_THAT_OPEN = 3
"""The third is a customer or a technician, who may not."""
NEWEST = -1
"""As the first die of an act: the booking that was opened last, by whomever."""
_AFTER = 1
"""A server crash's first die: odd is after its next commit."""


class _Course:
    """Events as they are put together; moments are seconds of the run."""

    def __init__(self, dice: random.Random, at: float) -> None:
        self.dice = dice
        self.at = at
        self.events: list[Event] = []
        self.seat = dice.randrange(ON_A_DESK)
        self.other = 1 - self.seat
        self.booking = dice.randrange(10_000)

    def add(self, after: float, kind: str, seat: int, first: int | None = None, seconds: float = 0.0) -> None:
        """`first`: the first die, which for an act says at which booking; without it, this scene's."""
        dice = (self.booking if first is None else first, *thrown(self.dice)[1:])
        self.events.append(Event(round(self.at + after, 3), kind, seat, dice, seconds))


def _pressed_at_once(course: _Course) -> None:
    """Two operators, each with another idea, in one booking, before either can have heard of the other."""
    for start in (0.0, 14.0):
        for seat in range(ON_A_DESK):
            course.add(start, "press", seat)
        course.booking += 1


def _written_through_a_restore(course: _Course) -> None:
    """Lines before, during and after the server goes back to before the first of them."""
    course.add(0.0, "backup", 0)
    for after in (2.0, 3.5):
        course.add(after, "write", course.seat)
    course.add(5.0, "restore", 0, seconds=2.0)
    for after in (5.6, 6.2, 7.2, 8.0, 8.6):
        course.add(after, "write", course.seat)


def _away_while_the_feed_is_shortened(course: _Course) -> None:
    """From before the first of the server's rounds of tidying, a minute after its start, until it has been restarted:
    what was missed is neither in its memory any more nor in the feed."""
    course.at = course.dice.uniform(10.0, 20.0)
    course.add(0.0, "down", course.seat, seconds=75.0)
    for after in (2.0, 5.0, 9.0, 14.0, 20.0, 26.0, 32.0):
        course.add(after, course.dice.choice(("write", "note", "assign", "edit")), course.other)
        course.booking += 1
    course.add(55.0, "server crash", 0, _AFTER)
    course.add(56.0, "write", course.other)


def _given_up_too_late(course: _Course) -> None:
    """A line that the server has taken and could not say so any more, given up before it can."""
    course.add(0.0, "server crash", 0, _AFTER)
    course.add(0.1, "write", course.seat)
    course.add(0.6, "discard", course.seat)


def _session_ended_while_polling(course: _Course) -> None:
    """No request is refused for its token on a joined socket; without sockets each may be."""
    course.add(0.0, "no sockets", course.seat, seconds=70.0)
    for after in (35.0, 48.0):
        course.add(after, "end session", course.seat)
        course.add(after + 0.2, "write", course.seat)
        course.add(after + 1.0, "write", course.seat)


def _lost_before_a_silence(course: _Course) -> None:
    """The last frame of all: no later one shows the gap."""
    course.add(0.0, "frame lost", course.seat)
    course.add(0.1, course.dice.choice(("note", "write", "give")), course.other)


def overtaken(dice: random.Random) -> list[Event]:
    """Someone presses and writes on without a network, while a colleague closes the booking or goes two steps on; then
    it is decided what becomes of it all, perhaps while some of it is on its way. Early, while both desks are well."""
    course = _Course(dice, dice.uniform(1.5, 4.0))
    course.booking = dice.randrange(PRESSED_OFFLINE)
    course.add(0.0, "down", course.seat, seconds=12.0)
    if dice.random() < 0.5:
        course.add(1.0, "slow", course.seat, seconds=40.0)
    course.add(1.0, "go on", course.seat)
    for after in (2.0, 3.0):
        course.add(after, "write", course.seat)
    if dice.random() < 0.6:
        course.add(4.0, "close", course.other)
    else:
        for after in (2.0, 8.0):
            course.add(after, "go on", course.other)
    course.add(5.0, dice.choice(("edit", "remove", "write")), course.seat)
    course.add(dice.uniform(13.0, 25.0), dice.choice(("down", "cut")), course.seat, seconds=6.0)
    for after in (14.0, 16.0, 18.0, 20.0, 22.0, 24.0, 27.0, 30.0, 45.0):
        course.add(after, "decide", course.seat)
    return course.events


def opened(dice: random.Random) -> list[Event]:
    """A booking is opened, mostly without a network, and work goes on in it before the server has it; a colleague opens
    one as well, perhaps under the same code, and comes to work in the first."""
    course = _Course(dice, dice.uniform(4.0, 50.0))
    course.seat = dice.randrange(SEATS_THAT_OPEN)
    course.booking = NEWEST
    if dice.random() < 0.7:
        course.add(0.0, "down", course.seat, seconds=15.0)
    course.add(1.0, "create", course.seat)
    for after in (2.0, 3.0, 5.0):
        course.add(after, dice.choice(("write", "press", "edit", "assign")), course.seat)
    course.add(dice.uniform(1.0, 20.0), dice.choice(("crash", "server crash", "both offline", "slow")), course.seat)
    course.add(8.0, "create", course.other)
    course.add(18.0, dice.choice(("discard", "edit", "write")), course.seat)
    for after in (32.0, 40.0, 48.0):
        course.add(after, "retry", course.seat)
        course.add(after + 1.0, "retry", course.other)
        course.add(after + 2.0, dice.choice(("write", "press", "read")), course.other)
    return course.events


def handed_over(dice: random.Random, seat: int) -> list[Event]:
    """Two people take turns at one desk, each time with something of the one's still on its way or not sent at all."""
    course = _Course(dice, 0.0)
    for at in sorted(dice.uniform(8.0, 110.0) for _ in range(4)):
        course.booking = dice.randrange(10_000)
        hindrance = dice.choice(("", "slow", "lossy", "offline", "crash", "restore"))
        if hindrance == "restore":
            course.add(at - 3.0, "backup", seat)
            course.add(at + dice.uniform(-0.5, 1.5), "restore", seat, seconds=2.0)
        elif hindrance:
            course.add(at - dice.uniform(0.0, 1.0), hindrance, seat, seconds=12.0)
        for _ in range(dice.randint(1, 3)):
            course.add(at - dice.uniform(0.0, 0.5), dice.choice(("write", "press", "write", "read")), seat)
        course.add(at, "other hands", seat)
        course.add(at + dice.uniform(0.1, 6.0), dice.choice(("write", "press", "online")), seat)
        course.add(at + 8.0, "online", seat)
    return course.events


AMONG: Mapping[str, Callable[[_Course], None]] = {
    "pressed at once": _pressed_at_once,
    "written through a restore": _written_through_a_restore,
    "away while the feed is shortened": _away_while_the_feed_is_shortened,
    "given up too late": _given_up_too_late,
    "session ended while polling": _session_ended_while_polling,
}
AT_THE_END: Mapping[str, Callable[[_Course], None]] = {"lost before a silence": _lost_before_a_silence}
SCENES: tuple[str, ...] = (*AMONG, *AT_THE_END)
FEW_LINES = frozenset({"away while the feed is shortened"})
"""Scenes for which the feed must be kept short."""


def scene(dice: random.Random, name: str, end: float) -> list[Event]:
    """The events of one; `end`: when the run's others are over."""
    if name in AT_THE_END:
        course = _Course(dice, end + 10.0)
        AT_THE_END[name](course)
    else:
        course = _Course(dice, dice.uniform(5.0, 50.0))
        AMONG[name](course)
    return course.events
