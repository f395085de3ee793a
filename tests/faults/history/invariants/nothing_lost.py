"""I1: whatever a person was shown as queued ends judged, given up, or waiting for a person, and its trail says how."""

from collections.abc import Iterator

from tests.faults.history.facts import FINAL, Facts, Finding


def nothing_lost(facts: Facts) -> Iterator[Finding]:
    for op in facts.kept:
        process = facts.clicks[op].process if op in facts.clicks else facts.kept[op].process
        client = facts.clients.get(process)
        if client is None:
            continue
        held = client.ops.get(op)
        if held is None:
            yield op, f"was kept by {process} and is not in its outbox any more"
        elif held.state not in FINAL:
            yield op, f"is still {held.state} at {process} at the end"
        elif not held.trail or held.trail[-1] != held.state:
            yield op, f"is {held.state}, but its trail says {' → '.join(held.trail) or 'nothing'}"
