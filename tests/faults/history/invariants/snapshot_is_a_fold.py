"""I13: a snapshot at a number is exactly what all lines of the feed up to that number add up to."""

from collections.abc import Iterator
from typing import Any

from tests.faults.history.events import ServerDump, Snapped
from tests.faults.history.facts import Facts, Finding, booking_of, table_of


def snapshot_is_a_fold(facts: Facts) -> Iterator[Finding]:
    for snapshot in facts.of(Snapped):
        dump = facts.servers.get(snapshot.epoch)
        if dump is not None and dump.floor == 0:
            yield from _compare(snapshot, _fold(dump, snapshot.seq))


def _fold(dump: ServerDump, seq: int) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for line in dump.feed:
        if line.seq > seq:
            break
        if line.op == "delete":
            rows.pop(f"{line.table}/{line.id}", None)
        elif line.row is not None:
            rows[f"{line.table}/{line.id}"] = line.row
    return rows


def _compare(snapshot: Snapped, fold: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    name = f"{snapshot.process} at {snapshot.seq}"
    for key, row in snapshot.rows.items():
        if fold.get(key) != row:
            yield (
                name,
                f"took {key}, which the feed up to there {'knows otherwise' if key in fold else 'has not'}",
                (key,),
            )
    for key, row in fold.items():
        sees = snapshot.sees is None or booking_of(key, row) in snapshot.sees
        # A snapshot holds the end of each conversation; which end, convergence checks.
        if key not in snapshot.rows and table_of(key) != "messages" and sees:
            yield name, f"lacks {key}, which the feed has by then", (key,)
