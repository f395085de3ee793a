"""The checker accepts a history that keeps every promise, and rejects fifteen that each break one, for that one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from contract.rows import Receipt
from tests.faults.history.check import INVARIANTS, check
from tests.faults.history.events import (
    CACHE_DELETED,
    Asked,
    ClientDump,
    Event,
    Faulted,
    Kept,
    Measured,
    Moved,
    Revoked,
    ServerDump,
    Snapped,
    Took,
)
from tests.faults.history.good_history import (
    ACCEPT,
    EPOCH,
    FEED,
    HELLO,
    REPLY,
    SENT,
    B,
    at,
    folded,
    good_history,
    line,
    looked,
    message,
    took,
)
from tests.faults.history.violation import report

History = list[Event]


def change(events: History, kind: type, index: int = 0, **values: Any) -> None:
    """Replaces fields of the index-th event of that kind."""
    found = [number for number, event in enumerate(events) if isinstance(event, kind)][index]
    events[found] = msgspec.structs.replace(events[found], **values)


def server_of(events: History) -> ServerDump:
    return next(event for event in events if isinstance(event, ServerDump))


def with_feed(events: History, feed: tuple[Any, ...]) -> None:
    """The whole world as if this had been the feed: server's and clients' rows follow from it."""
    rows = {f"{item.table}/{item.id}": item.row for item in feed}
    change(events, ServerDump, feed=feed, rows=rows, head=feed[-1].seq)
    for index in range(2):
        change(events, ClientDump, index, rows=rows, cursor=feed[-1].seq)


def forget_lines(events: History) -> None:
    """As if nobody had told what they read, only how far."""
    events[:] = [msgspec.structs.replace(event, items=()) if isinstance(event, Took) else event for event in events]


def lost(events: History) -> None:
    change(events, ClientDump, 0, ops={ACCEPT: SENT})


def twice(events: History) -> None:
    more = line(10, 13, "messages", message(4, HELLO, "anna", "Hello"), op=HELLO)
    assert more.row is not None
    again = msgspec.structs.replace(more, id="again", row=more.row | {"id": "again"})
    with_feed(events, (*FEED, again))


def sent_too_early(events: History) -> None:
    change(events, Moved, 1, at=at(3.6))


def diverged(events: History) -> None:
    rows = folded(9)
    rows[f"messages/{HELLO}"] = rows[f"messages/{HELLO}"] | {"message": "Hallo"}
    change(events, ClientDump, 1, rows=rows)


def out_of_order(events: History) -> None:
    """Anna's line, clicked before her press, lands behind it, though nobody had an answer in between."""
    feed = [item for item in FEED if item.table != "receipts"]
    feed.append(feed.pop(2))
    events[:] = [event for event in events if not isinstance(event, Moved)]
    forget_lines(events)
    with_feed(events, tuple(msgspec.structs.replace(item, seq=number) for number, item in enumerate(feed, 1)))


def forked(events: History) -> None:
    """The step leads from a status that did not stand."""
    feed = list(FEED)
    row = feed[7].row
    assert row is not None
    feed[7] = msgspec.structs.replace(feed[7], row=row | {"from_status": "declined"})
    forget_lines(events)
    with_feed(events, tuple(feed))


def rewritten(events: History) -> None:
    """A line read by a desk is another when it is read again."""
    seen = took(7.2, "desk-b", "bob", 4, 4)
    row = seen.items[0].row
    assert row is not None
    other = msgspec.structs.replace(seen.items[0], row=row | {"delivered_position": 7})
    events.append(msgspec.structs.replace(seen, items=(other,)))


def went_back(events: History) -> None:
    events.append(looked(16, "desk-b", "bob", 9, (HELLO, REPLY, ACCEPT), version=1, status="pending"))


def blinked(events: History) -> None:
    """Between the click and the feed the line is not on its author's screen."""
    events.append(looked(3.4, "desk-a", "anna", 2, ()))


def effect_before_cause(events: History) -> None:
    events.append(looked(10.5, "desk-b", "bob", 6, (REPLY,)))


def delivered_to_nobody(events: History) -> None:
    """Bob's receipt is there before his desk has taken the message."""
    found = next(n for n, event in enumerate(events) if getattr(event, "to_seq", 0) == 3)
    events[found] = msgspec.structs.replace(events[found], at=at(6.3))


def after_the_end(events: History) -> None:
    change(events, Revoked, user="anna", head=6, at=at(10.9))


def torn_snapshot(events: History) -> None:
    """Rows read after the number was."""
    change(events, Snapped, rows=folded(3))


def never_rested(events: History) -> None:
    change(events, ClientDump, 0, at=at(13 + 61))


def leaked(events: History) -> None:
    for index in range(6):
        change(events, Measured, index, value=40.0 + 3 * index)


BAD: dict[str, Callable[[History], None]] = {
    "I1": lost,
    "I2": twice,
    "I3": sent_too_early,
    "I4": diverged,
    "I5": out_of_order,
    "I6": forked,
    "I7": rewritten,
    "I8": went_back,
    "I9": blinked,
    "I10": effect_before_cause,
    "I11": delivered_to_nobody,
    "I12": after_the_end,
    "I13": torn_snapshot,
    "I14": never_rested,
    "I15": leaked,
}


def broken(break_it: Callable[[History], None]) -> History:
    events = good_history()
    break_it(events)
    return sorted(events, key=lambda event: event.at)


def test_that_a_history_that_keeps_every_promise_is_accepted():
    assert report(check(good_history())) == ""


def test_that_there_is_a_bad_history_for_every_invariant():
    assert set(BAD) == set(INVARIANTS) == {f"I{number}" for number in range(1, 16)}


@pytest.mark.parametrize("invariant", BAD)
def test_that_a_bad_history_is_rejected_for_exactly_what_it_breaks(invariant):
    found = check(broken(BAD[invariant]))
    assert found, f"nothing wrong is seen in {BAD[invariant].__name__}"
    assert {violation.invariant for violation in found} == {invariant}, report(found)
    assert all(violation.subject and violation.says and violation.excerpt for violation in found)


def test_that_an_excerpt_holds_what_is_about_the_operation_and_nothing_else():
    [violation] = check(broken(lost))
    assert violation.subject == HELLO
    [dumped] = [event for event in violation.excerpt if isinstance(event, ServerDump)]
    assert list(dumped.operations) == [HELLO]
    assert [item.op_id for item in dumped.feed] == [HELLO]
    assert not [event for event in violation.excerpt if isinstance(event, Kept) and event.op != HELLO]


def test_that_a_client_whose_cache_was_deleted_may_show_less_than_before():
    events = broken(went_back)
    events.append(Faulted(at=at(15.5), process="desk-b", fault=CACHE_DELETED))
    assert check(sorted(events, key=lambda event: event.at)) == []


@dataclass
class Also:
    """A second way to break a promise, told in a sentence."""

    invariant: str
    break_it: Callable[[History], None]


def acked_and_gone(events: History) -> None:
    """A server restored to a time before the reply, and nobody offers it again."""
    feed = tuple(msgspec.structs.replace(item, seq=n + 1) for n, item in enumerate(i for i in FEED if i.op_id != REPLY))
    operations = {op: record for op, record in server_of(events).operations.items() if op != REPLY}
    forget_lines(events)
    with_feed(events, feed)
    change(events, ServerDump, operations=operations)


def stuck_in_the_queue(events: History) -> None:
    change(events, ClientDump, 1, ops={REPLY: msgspec.structs.replace(SENT, state="queued", trail=("queued",))})


def a_hole_in_the_feed(events: History) -> None:
    feed = tuple(item if item.seq < 9 else msgspec.structs.replace(item, seq=10) for item in FEED)
    forget_lines(events)
    with_feed(events, feed)


def a_receipt_of_the_future(events: History) -> None:
    more = line(10, 16, "receipts", Receipt(f"{B}:carla", B, "carla", "customer", 8, 0), op=None)
    with_feed(events, (*FEED, more))


def in_anothers_name(events: History) -> None:
    server = server_of(events)
    change(
        events,
        ServerDump,
        operations=server.operations | {HELLO: msgspec.structs.replace(server.operations[HELLO], author="bob")},
    )


def knocking(events: History) -> None:
    events += [Asked(at=at(9.4 + number / 100), process="desk-a", ok=False) for number in range(20)]


@pytest.mark.parametrize(
    "also",
    [
        Also("I3", acked_and_gone),
        Also("I1", stuck_in_the_queue),
        Also("I7", a_hole_in_the_feed),
        Also("I11", a_receipt_of_the_future),
        Also("I12", in_anothers_name),
        Also("I14", knocking),
    ],
    ids=lambda also: also.break_it.__name__,
)
def test_that_other_ways_to_break_a_promise_are_seen_too(also):
    assert {violation.invariant for violation in check(broken(also.break_it))} >= {also.invariant}


def test_that_a_history_without_the_servers_dump_is_refused():
    with pytest.raises(ValueError, match="dump"):
        check([event for event in good_history() if not isinstance(event, ServerDump)])
    assert server_of(good_history()).epoch == EPOCH
