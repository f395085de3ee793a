"""I7: the feed has no holes, a number reads the same for ever, and what ended before another began is first."""

from collections.abc import Iterator

from contract.feed import FeedItem
from tests.faults.history.events import Clicked, Moved, Took
from tests.faults.history.facts import Facts, Finding


def feed_is_law(facts: Facts) -> Iterator[Finding]:
    yield from _dense(facts)
    yield from _immutable(facts)
    yield from _in_real_time(facts)


def _dense(facts: Facts) -> Iterator[Finding]:
    for dump in facts.servers.values():
        numbers = [line.seq for line in dump.feed]
        wanted = list(range(numbers[0], dump.head + 1)) if numbers else []
        if numbers != wanted or (numbers and numbers[0] > dump.floor + 1):
            odd = next((one for one, other in zip(numbers, wanted, strict=False) if one != other), dump.head)
            yield dump.epoch, f"has a feed with a hole or a fold near {odd}"


def _immutable(facts: Facts) -> Iterator[Finding]:
    for took in facts.of(Took):
        lines = facts.lines.get(took.epoch, {})
        for item in took.items:
            stands = lines.get(item.seq)
            if stands is not None and item.table != "scope" and _what(item) != _what(stands):
                yield f"{took.epoch}:{item.seq}", f"was read by {took.process} otherwise than it stands", (item.id,)


def _what(item: FeedItem) -> tuple[object, ...]:
    return item.table, item.op, item.id, item.booking_id, item.op_id, item.row


def _in_real_time(facts: Facts) -> Iterator[Finding]:
    answered, earlier = 0, ""
    for event in facts.events:
        if isinstance(event, Moved) and event.state == "sent" and event.epoch == facts.server.epoch:
            seq = facts.effect_seq.get(event.op, 0)
            if seq > answered:
                answered, earlier = seq, event.op
        elif isinstance(event, Clicked) and facts.effect_seq.get(event.op, answered + 1) <= answered:
            yield event.op, f"was clicked after {earlier} was sent and stands before it in the feed", (earlier,)
