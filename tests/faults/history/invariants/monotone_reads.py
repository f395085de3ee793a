"""I8: within an epoch nothing a client shows goes back: its cursor, a booking's version, a tick, a receipt."""

from collections.abc import Iterator

from tests.faults.history.events import CACHE_DELETED, Event, Faulted, Looked, Moved, Snapped, Took
from tests.faults.history.facts import Facts, Finding

TICKS = {"sent": 1, "delivered": 2, "read": 3}


def monotone_reads(facts: Facts) -> Iterator[Finding]:
    yield from _positions(facts)
    yield from _ticks(facts)
    yield from _receipts(facts)


def _positions(facts: Facts) -> Iterator[Finding]:
    cursors: dict[tuple[str, str], int] = {}
    versions: dict[tuple[str, str, str], int] = {}
    for event in facts.events:
        if _forgets(event):
            cursors = {at: cursor for at, cursor in cursors.items() if at[0] != event.process}
            versions = {of: version for of, version in versions.items() if of[0] != event.process}
        elif isinstance(event, (Looked, Took, Snapped)) and event.epoch is not None:
            cursor, at = _cursor(event), (event.process, event.epoch)
            if cursor < cursors.get(at, 0):
                yield event.process, f"went back from {cursors[at]} to {cursor}"
            cursors[at] = max(cursor, cursors.get(at, 0))
        if isinstance(event, Looked) and event.epoch is not None:
            of = (event.process, event.epoch, event.booking)
            if event.version < versions.get(of, 0):
                yield event.booking, f"went back from version {versions[of]} to {event.version} at {event.process}"
            versions[of] = max(event.version, versions.get(of, 0))


def _forgets(event: Event) -> bool:
    return isinstance(event, Faulted) and event.fault == CACHE_DELETED


def _cursor(event: Looked | Took | Snapped) -> int:
    if isinstance(event, Looked):
        return event.cursor
    return event.to_seq if isinstance(event, Took) else event.seq


def _ticks(facts: Facts) -> Iterator[Finding]:
    shown: dict[tuple[str, str, str | None], int] = {}
    for event in facts.events:
        if _forgets(event):
            shown = {of: tick for of, tick in shown.items() if of[0] != event.process}
        if isinstance(event, Looked):
            states = list(event.glyphs.items())
        elif isinstance(event, Moved):
            states = [(event.op, event.state)]
        else:
            continue
        for op, state in states:
            of = (event.process, op, event.epoch)
            tick = TICKS.get(state, 0)
            if event.epoch is not None and tick < shown.get(of, 0):
                yield op, f"was shown higher before it was {state} at {event.process}"
            shown[of] = max(tick, shown.get(of, 0))


def _receipts(facts: Facts) -> Iterator[Finding]:
    marks: dict[str, tuple[int, int]] = {}
    for line in facts.server.feed:
        if line.table == "receipts" and line.row is not None:
            delivered, read = marks.get(line.id, (0, 0))
            now = (line.row["delivered_position"], line.row["read_position"])
            if now[0] < delivered or now[1] < read:
                yield line.id, f"went back from {(delivered, read)} to {now} at seq {line.seq}"
            marks[line.id] = now
