"""I11: delivered means that a device of that person had it on disk by then, read that it was on their screen."""

from collections import defaultdict
from collections.abc import Iterator

from contract.feed import FeedItem
from contract.moments import to_ms
from tests.faults.history.events import Displayed, Snapped, Took
from tests.faults.history.facts import Facts, Finding

ROUNDING = 0.002
"""Seconds: a server's moment is in whole milliseconds."""


def receipts_are_true(facts: Facts) -> Iterator[Finding]:
    held, shown = _evidence(facts)
    seq_of: dict[str, dict[int, int]] = defaultdict(dict)
    before = (0, 0)
    marks: dict[str, tuple[int, int]] = {}
    for line in facts.server.feed:
        if line.row is None:
            continue
        if line.table == "messages" and line.op == "insert":
            seq_of[line.row["booking_id"]][line.row["position"]] = line.seq
        if line.table != "receipts":
            continue
        before = marks.get(line.id, (0, 0))
        now = (line.row["delivered_position"], line.row["read_position"])
        marks[line.id] = now
        newest = max(seq_of[line.row["booking_id"]], default=0)
        if facts.server.floor == 0 and max(now) > newest:
            yield line.id, f"says {now} where the newest message is {newest}, at seq {line.seq}"
        if line.row["user_id"] not in held or line.at is None:
            continue
        if now[0] > before[0] and not _had(held, line, seq_of[line.row["booking_id"]].get(now[0], 0)):
            yield line.id, f"says delivered to {now[0]} when no device of theirs held it, at seq {line.seq}"
        if now[1] > before[1] and not _saw(shown, line, now[1]):
            yield line.id, f"says read to {now[1]}, which was not shown to them by then, at seq {line.seq}"


Times = list[tuple[float, int]]


def _evidence(facts: Facts) -> tuple[dict[str, Times], dict[tuple[str, str], Times]]:
    """(when, up to where) per user; per user and booking."""
    held: dict[str, Times] = defaultdict(list)
    shown: dict[tuple[str, str], Times] = defaultdict(list)
    for event in facts.events:
        if isinstance(event, Took):
            held[event.user].append((event.at, event.to_seq))
        elif isinstance(event, Snapped):
            held[event.user].append((event.at, event.seq))
        elif isinstance(event, Displayed):
            shown[event.user, event.booking].append((event.at, event.position))
    return held, shown


def _had(held: dict[str, Times], line: FeedItem, seq: int) -> bool:
    assert line.row is not None
    return _by(held[line.row["user_id"]], line, seq)


def _saw(shown: dict[tuple[str, str], Times], line: FeedItem, position: int) -> bool:
    assert line.row is not None
    return _by(shown[line.row["user_id"], line.row["booking_id"]], line, position)


def _by(times: Times, line: FeedItem, wanted: int) -> bool:
    at = to_ms(line.at or "") / 1000 + ROUNDING
    return any(when <= at and reached >= wanted for when, reached in times)
