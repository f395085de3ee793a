"""What all clients of a run did and saw, as one history, with equal feed lines and rows kept in memory once."""

import time
from collections import Counter
from typing import Any

from contract.feed import FeedItem
from contract.rows import ROW_TYPES
from tests.faults.history.events import Asked, Event, Faulted, plain_row


class Notebook:
    """`events`: the history, in the order of time, for one process writes it. `faults`: how often each struck."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.faults: Counter[str] = Counter()
        self._read: dict[int, tuple[FeedItem, FeedItem]] = {}

    def write(self, *events: Event) -> None:
        self.events += events

    def fault(self, where: str, fault: str) -> None:
        self.faults[fault] += 1
        self.write(Faulted(at=time.time(), process=where, fault=fault))

    def asked(self, client: str, *, ok: bool) -> None:
        self.write(Asked(at=time.time(), process=client, ok=ok))

    def plain(self, item: FeedItem) -> FeedItem:
        """The line with its row in its contract's shape. One that was read otherwise before stays another one."""
        known, plain = self._read.get(item.seq, (None, None))
        if plain is not None and known == item:
            return plain
        made = item if item.row is None else _with_row(item, plain_row(item.table, item.row))
        self._read.setdefault(item.seq, (item, made))
        return made


def _with_row(item: FeedItem, row: dict[str, Any]) -> FeedItem:
    assert item.table in ROW_TYPES
    return FeedItem(item.seq, item.table, item.op, item.id, item.booking_id, item.op_id, row, item.at)
