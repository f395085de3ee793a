"""A promise that a history shows to be broken: which, by what, and the part of the history that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tests.faults.history.events import Event, encode_event
from tests.faults.history.excerpt import excerpt

SHOWN = 600
"""Characters of an event in a report."""


@dataclass
class Violation:
    invariant: str
    """I1 … I15 of sync.md 4.1."""
    subject: str
    """The operation, or the process, booking, row or number that it is about."""
    says: str
    about: tuple[str, ...]
    """Words that what it is about is found by."""
    history: Sequence[Event] = field(repr=False)

    @cached_property
    def excerpt(self) -> list[Event]:
        return excerpt(self.history, self.about)

    def __str__(self) -> str:
        return f"{self.invariant} {self.subject}: {self.says}"


def report(violations: Sequence[Violation], at_most: int = 5) -> str:
    """In words, with the shrunk history of each; empty for none."""
    lines: list[str] = []
    for violation in violations[:at_most]:
        lines += [str(violation), *(f"    {_short(event)}" for event in violation.excerpt)]
    if len(violations) > at_most:
        lines.append(f"… and {len(violations) - at_most} more")
    return "\n".join(lines)


def _short(event: Event) -> str:
    text = encode_event(event).decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
