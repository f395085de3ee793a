"""I10: what somebody had on screen when they wrote is on every screen that shows what they wrote, and above it."""

from collections.abc import Iterator

from tests.faults.history.events import Looked
from tests.faults.history.facts import Facts, Finding


def writes_follow_reads(facts: Facts) -> Iterator[Finding]:
    for look in facts.of(Looked):
        place = {op: number for number, op in enumerate(look.effects)}
        for op, number in place.items():
            click = facts.clicks.get(op)
            for cause in click.seen if click is not None else ():
                if cause not in place and look.whole and cause in facts.effects:
                    yield op, f"is on the screen of {look.process} without {cause}, which its author had seen", (cause,)
                elif place.get(cause, number) > number:
                    yield op, f"stands above {cause} at {look.process}, which its author had seen", (cause,)
