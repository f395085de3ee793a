"""Checks a history: `check(events) -> list[Violation]`, empty where every promise I1–I15 of sync.md 4.1 was kept.

`events`: what all processes wrote (tests/faults/history/events.py), in the order of time, with a ServerDump and a
ClientDump of every client last (else ValueError). What a history does not tell of is not checked: without Looked
nothing is said of I9. Each invariant is one pass over the events, in a file of its own in `invariants/`.
`report` (violation.py) puts what is found into words.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from tests.faults.history.events import Event
from tests.faults.history.facts import Facts, Finding
from tests.faults.history.invariants.authority import authority
from tests.faults.history.invariants.bounded_resources import bounded_resources
from tests.faults.history.invariants.convergence import convergence
from tests.faults.history.invariants.exactly_once import exactly_once
from tests.faults.history.invariants.feed_is_law import feed_is_law
from tests.faults.history.invariants.lane_order import lane_order
from tests.faults.history.invariants.linear_history import linear_history
from tests.faults.history.invariants.liveness import liveness
from tests.faults.history.invariants.monotone_reads import monotone_reads
from tests.faults.history.invariants.nothing_lost import nothing_lost
from tests.faults.history.invariants.own_writes_shown import own_writes_shown
from tests.faults.history.invariants.receipts_are_true import receipts_are_true
from tests.faults.history.invariants.sent_is_true import sent_is_true
from tests.faults.history.invariants.snapshot_is_a_fold import snapshot_is_a_fold
from tests.faults.history.invariants.writes_follow_reads import writes_follow_reads
from tests.faults.history.violation import Violation

INVARIANTS: Mapping[str, Callable[[Facts], Iterator[Finding]]] = {
    "I1": nothing_lost,
    "I2": exactly_once,
    "I3": sent_is_true,
    "I4": convergence,
    "I5": lane_order,
    "I6": linear_history,
    "I7": feed_is_law,
    "I8": monotone_reads,
    "I9": own_writes_shown,
    "I10": writes_follow_reads,
    "I11": receipts_are_true,
    "I12": authority,
    "I13": snapshot_is_a_fold,
    "I14": liveness,
    "I15": bounded_resources,
}


def check(events: Sequence[Event]) -> list[Violation]:
    facts = Facts(events)
    found: list[Violation] = []
    for number, invariant in INVARIANTS.items():
        for subject, says, *about in invariant(facts):
            words = about[0] if about else (subject,)
            found.append(Violation(number, subject, says, words, events))
    return found
