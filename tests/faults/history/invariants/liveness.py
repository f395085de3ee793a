"""I14: once the last fault is over everything comes to its end in time, and while it lasts nobody knocks too often."""

from collections import defaultdict, deque
from collections.abc import Iterator

from tests.faults.history.events import Asked, Began, Healed
from tests.faults.history.facts import Facts, Finding

WINDOW = 10.0
"""Seconds over which requests that fail are counted."""


def liveness(facts: Facts) -> Iterator[Finding]:
    limits = next(facts.of(Began), Began(at=0.0, process=""))
    yield from _ends(facts, limits)
    yield from _no_busy_loop(facts, limits)


def _ends(facts: Facts, limits: Began) -> Iterator[Finding]:
    healed = max((event.at for event in facts.of(Healed)), default=None)
    for process, client in facts.clients.items():
        if healed is not None and client.at - healed > limits.heal_seconds:
            yield (
                process,
                f"came to rest {client.at - healed:.0f} s after the last fault, not {limits.heal_seconds:.0f}",
            )


def _no_busy_loop(facts: Facts, limits: Began) -> Iterator[Finding]:
    failed: dict[str, deque[float]] = defaultdict(deque)
    told: set[str] = set()
    for asked in facts.of(Asked):
        if asked.ok:
            continue
        times = failed[asked.process]
        times.append(asked.at)
        while times[0] < asked.at - WINDOW:
            times.popleft()
        if len(times) > limits.failing_per_second * WINDOW and asked.process not in told:
            told.add(asked.process)
            yield asked.process, f"asked {len(times)} times in vain within {WINDOW:.0f} s"
