"""Rules of what waits for a person, or was decided by one, each taken out: what the simulation must notice."""

from typing import Any

from contract.operations import Operation
from desktop.intents.text_after import TextAfter
from desktop.state.pending import PendingOp, parent_of
from desktop.store import outbox_store
from tests.faults.mutants.mutant import Mutant

_settle = TextAfter._settle


def _settle_beside(after: TextAfter, context: Any, line: Any, fate: Any) -> None:
    """The line stays as well."""
    known = len(after.given_up)
    _settle(after, context, line, fate)
    del after.given_up[known:]


def _parent_if_going(operation: Operation, lane: list[PendingOp]) -> str | None:
    return parent_of(operation, [op for op in lane if op.state not in {"rejected", "failed"}])


DECISION_MUTANTS: dict[str, Mutant] = {
    "decided_line_stays": Mutant(
        8, "what is sent anew is not sent as it was", ((TextAfter, "_settle", _settle_beside),)
    ),
    "works_in_refused_booking": Mutant(
        192,
        "what is done in a booking that was refused waits with it",
        ((outbox_store, "parent_of", _parent_if_going),),
    ),
}
