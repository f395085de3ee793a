"""I3: nobody is shown sent before the server has it, and what was shown sent is there after everything has healed."""

from collections.abc import Iterator

from tests.faults.history.events import Moved
from tests.faults.history.facts import Facts, Finding

PROOFS = frozenset({"sent", "delivered", "read"})
ROUNDING = 0.002
"""Seconds: a server's moment is in whole milliseconds."""


def sent_is_true(facts: Facts) -> Iterator[Finding]:
    for moved in facts.of(Moved):
        record = facts.server.operations.get(moved.op)
        if moved.state not in PROOFS or record is None or record.at is None:
            continue
        if moved.epoch == facts.server.epoch and moved.at + ROUNDING < record.at:
            yield (
                moved.op,
                f"was {moved.state} at {moved.process} {record.at - moved.at:.3f} s before the server had it",
            )
    for process, client in facts.clients.items():
        for op, held in client.ops.items():
            record = facts.server.operations.get(op)
            if held.state == "sent" and record is None:
                yield op, f"is shown as sent at {process} and the server does not have it"
            elif held.state == "sent" and record is not None and record.verdict not in {"applied", "noop"}:
                yield op, f"is shown as sent at {process}; the server's verdict is {record.verdict}"
