"""I12: nothing takes effect in another's name or after its author's rights ended; the fleeting leaves no line."""

from collections.abc import Iterator

from server.store.tables import PUBLISHED
from tests.faults.history.events import Revoked
from tests.faults.history.facts import Facts, Finding

_KEPT = {table.name for table in PUBLISHED}


def authority(facts: Facts) -> Iterator[Finding]:
    for op, record in facts.server.operations.items():
        click = facts.clicks.get(op)
        if click is not None and click.author != record.author:
            yield op, f"was clicked by {click.author} and is recorded as {record.author}'s"
        for key in facts.effects.get(op, ()):
            row = facts.server.rows[key]
            name = row.get("sender_id", row.get("actor_id"))
            if name is not None and name != record.author:
                yield op, f"is {record.author}'s and made {key} in the name of {name}"
    ended = {event.user: event for event in facts.of(Revoked) if event.epoch == facts.server.epoch}
    for line in facts.server.feed:
        if line.table not in _KEPT:
            yield str(line.seq), f"is a line about {line.table}, which is nothing to keep"
        done_by = facts.server.operations.get(line.op_id or "")
        if done_by is not None and done_by.author in ended and line.seq > ended[done_by.author].head:
            yield str(line.op_id), f"took effect at seq {line.seq}, after the rights of {done_by.author} had ended"
