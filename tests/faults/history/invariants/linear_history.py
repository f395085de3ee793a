"""I6: a booking's versions rise by one, each step begins where the last one ended, and each `expect` was met."""

from collections.abc import Iterator
from typing import Any

from tests.faults.history.facts import Facts, Finding, table_of


def linear_history(facts: Facts) -> Iterator[Finding]:
    yield from _versions(facts)
    steps = [row for key, row in facts.server.rows.items() if table_of(key) == "status_history"]
    steps.sort(key=lambda step: (step["booking_id"], step["version"]))
    last: dict[str, dict[str, Any]] = {}
    for step in steps:
        before = last.get(step["booking_id"])
        stood = before["to_status"] if before else None
        if step["from_status"] != stood:
            yield step["id"], f"leads from {step['from_status']}, where {stood} stood", (step["booking_id"],)
        if before and before["version"] == step["version"]:
            yield step["id"], f"and {before['id']} are both version {step['version']}", (before["id"],)
        click = facts.clicks.get(str(step["op_id"]))
        if click and click.expect_status is not None and click.expect_status != stood:
            yield click.op, f"expected {click.expect_status} and was applied to {stood}", (step["id"],)
        last[step["booking_id"]] = step
    for booking_id, step in last.items():
        booking = facts.server.rows.get(f"bookings/{booking_id}")
        if booking is None or booking["status"] != step["to_status"] or booking["version"] < step["version"]:
            yield booking_id, f"is not where its last step, to {step['to_status']}, left it"


def _versions(facts: Facts) -> Iterator[Finding]:
    known: dict[str, int] = {}
    for line in facts.server.feed:
        if line.table == "bookings" and line.row is not None:
            before, version = known.get(line.id), line.row["version"]
            if before is not None and version != before + 1:
                yield line.id, f"goes from version {before} to {version} at seq {line.seq}"
            known[line.id] = version
