"""I2: what is sent took effect once, what was refused or given up never; each status step has one system message."""

from collections import Counter
from collections.abc import Iterator

from tests.faults.history.facts import Facts, Finding, table_of

MAKES_A_ROW = frozenset({"message.send", "booking.transition", "booking.set_status", "booking.create"})


def exactly_once(facts: Facts) -> Iterator[Finding]:
    yield from _by_outcome(facts)
    yield from _nothing_from_nowhere(facts)
    yield from _one_system_message(facts)


def _by_outcome(facts: Facts) -> Iterator[Finding]:
    for client in facts.clients.values():
        for op, held in client.ops.items():
            kind = facts.clicks[op].kind if op in facts.clicks else ""
            found = len(facts.effects.get(op, ()))
            record = facts.server.operations.get(op)
            if record is not None and held.state == "sent" and kind in MAKES_A_ROW:
                if found != (record.verdict == "applied"):
                    yield op, f"is sent, {record.verdict} by the server, with {found} effects"
            elif held.state in {"rejected", "failed", "discarded"} and found:
                yield op, f"is {held.state} and took effect: {', '.join(facts.effects[op])}"


def _nothing_from_nowhere(facts: Facts) -> Iterator[Finding]:
    for op, keys in facts.effects.items():
        record = facts.server.operations.get(op)
        if record is None:
            yield op, f"made {', '.join(keys)}, and no such operation is recorded"
        elif facts.clicks and op not in facts.clicks:
            yield op, f"made {', '.join(keys)}, and nobody clicked it"
        elif len(keys) > 1 and record.kind != "booking.create":
            yield op, f"took effect {len(keys)} times: {', '.join(keys)}"


def _one_system_message(facts: Facts) -> Iterator[Finding]:
    lines = Counter(
        row["op_id"]
        for key, row in facts.server.rows.items()
        if table_of(key) == "messages" and row["kind"] == "system" and row["op_id"] is not None
    )
    for key, row in facts.server.rows.items():
        if table_of(key) == "status_history" and row["from_status"] is not None and lines[row["op_id"]] != 1:
            yield str(row["op_id"]), f"made the step {key} with {lines[row['op_id']]} system messages"
