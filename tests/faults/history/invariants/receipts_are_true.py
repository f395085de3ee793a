"""I11: delivered means that a device of that person had it on disk by then, read that it was on their screen."""

from bisect import bisect_right
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


class Reach:
    """How far somebody had come by when. Steps are added in the order of time; it never goes back."""

    def __init__(self) -> None:
        self._whens: list[float] = []
        self._tops: list[int] = []

    def add(self, when: float, top: int) -> None:
        self._whens.append(when)
        self._tops.append(max(top, self._tops[-1]) if self._tops else top)

    def had(self, wanted: int, when: float) -> bool:
        steps = bisect_right(self._whens, when)
        return steps > 0 and self._tops[steps - 1] >= wanted


def _evidence(facts: Facts) -> tuple[dict[str, Reach], dict[tuple[str, str], Reach]]:
    """Per user the feed's number; per user and booking the message's position."""
    held: dict[str, Reach] = defaultdict(Reach)
    shown: dict[tuple[str, str], Reach] = defaultdict(Reach)
    for event in facts.events:
        if isinstance(event, Took):
            held[event.user].add(event.at, event.to_seq)
        elif isinstance(event, Snapped):
            held[event.user].add(event.at, event.seq)
        elif isinstance(event, Displayed):
            shown[event.user, event.booking].add(event.at, event.position)
    return held, shown


def _had(held: dict[str, Reach], line: FeedItem, seq: int) -> bool:
    assert line.row is not None
    return held[line.row["user_id"]].had(seq, _by_then(line))


def _saw(shown: dict[tuple[str, str], Reach], line: FeedItem, position: int) -> bool:
    assert line.row is not None
    return shown[line.row["user_id"], line.row["booking_id"]].had(position, _by_then(line))


def _by_then(line: FeedItem) -> float:
    return to_ms(line.at or "") / 1000 + ROUNDING
