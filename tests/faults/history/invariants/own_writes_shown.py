"""I9: from the click to the verdict, and until the feed has passed it, one's own operation is on one's own screen."""

from collections import defaultdict
from collections.abc import Iterator

from tests.faults.history.events import Kept, Looked, Moved
from tests.faults.history.facts import Facts, Finding

GONE = frozenset({"discarded", "rejected", "failed"})
"""Shown as cards or not at all; a screen need not carry them in the conversation."""
VISIBLE = frozenset({"message.send", "booking.transition", "booking.set_status"})


def own_writes_shown(facts: Facts) -> Iterator[Finding]:
    expected: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for event in facts.events:
        if isinstance(event, (Kept, Moved)):
            click = facts.clicks.get(event.op)
            if click is None or click.kind not in VISIBLE:
                continue
            lane = (click.process, click.booking, click.author)
            if isinstance(event, Moved) and event.state in GONE:
                expected[lane].discard(event.op)
            elif event.op in facts.kept:
                expected[lane].add(event.op)
        elif isinstance(event, Looked) and event.whole:
            for op in expected[event.process, event.booking, event.user].difference(event.effects, event.overlay):
                if not _is_noop(facts, op):
                    yield op, f"was not on the screen of {event.process}, which had kept it"


def _is_noop(facts: Facts, op: str) -> bool:
    record = facts.server.operations.get(op)
    return record is not None and record.verdict != "applied"
