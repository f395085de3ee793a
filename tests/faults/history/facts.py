"""A history read once for all invariants: its operations, its dumps, and where in the feed each effect is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from contract.feed import FeedItem
from tests.faults.history.events import Clicked, ClientDump, Event, Kept, Moved, Rows, ServerDump

T = TypeVar("T")
FINAL = frozenset({"sent", "rejected", "failed", "discarded", "needs_decision", "held", "blocked"})
"""States an operation may end in: judged, given up, or waiting for a person."""
BY_A_PERSON = frozenset({"held", "blocked", "needs_decision", "failed", "discarded"})
"""States that only a person ends: whoever was in one has left the order of the clicks."""


Finding = tuple[str, str] | tuple[str, str, tuple[str, ...]]
"""What an invariant yields: subject, sentence, further words."""


class Facts:
    """Raises ValueError for a history that does not end with a server's dump."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        dumps = list(self.of(ServerDump))
        if not dumps:
            raise ValueError("a history ends with the server's dump")
        self.server = dumps[-1]
        self.servers: Mapping[str, ServerDump] = {dump.epoch: dump for dump in dumps}
        """The last dump of each epoch."""
        self.clients: Mapping[str, ClientDump] = {dump.process: dump for dump in self.of(ClientDump)}
        self.clicks: Mapping[str, Clicked] = {event.op: event for event in self.of(Clicked)}
        self.kept: Mapping[str, Kept] = {event.op: event for event in self.of(Kept)}

    def of(self, kind: type[T]) -> Iterator[T]:
        return (event for event in self.events if isinstance(event, kind))

    @cached_property
    def trails(self) -> Mapping[str, list[Moved]]:
        found: dict[str, list[Moved]] = defaultdict(list)
        for event in self.of(Moved):
            found[event.op].append(event)
        return found

    @cached_property
    def effects(self) -> Mapping[str, list[str]]:
        """Keys of the rows that an operation made: its message, its step of a history. Not its system message."""
        return effects_in(self.server.rows)

    @cached_property
    def effect_seq(self) -> Mapping[str, int]:
        """The first line of the feed that each operation caused, in the last epoch."""
        found: dict[str, int] = {}
        for line in self.server.feed:
            if line.op_id is not None:
                found.setdefault(line.op_id, line.seq)
        return found

    @cached_property
    def lines(self) -> Mapping[str, Mapping[int, FeedItem]]:
        """By number, what an epoch's feed was dumped as."""
        return {epoch: {line.seq: line for line in dump.feed} for epoch, dump in self.servers.items()}

    def went_to_a_person(self, op: str) -> bool:
        states = {moved.state for moved in self.trails.get(op, [])}
        for dump in self.clients.values():
            if op in dump.ops:
                states.update(dump.ops[op].trail)
        return bool(states & BY_A_PERSON)


def effects_in(rows: Rows) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, row in rows.items():
        table, _, _ = key.partition("/")
        is_effect = table == "status_history" or (table == "messages" and row["kind"] != "system")
        if is_effect and row["op_id"] is not None:
            found[row["op_id"]].append(key)
    return found


def table_of(key: str) -> str:
    return key.partition("/")[0]


def booking_of(key: str, row: Mapping[str, object]) -> str | None:
    """The booking that a row belongs to; None for a person's profile."""
    if table_of(key) == "bookings":
        return str(row["id"])
    return None if table_of(key) == "profiles" else str(row["booking_id"])
