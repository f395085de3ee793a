"""Rules of what a person decides of a press that was overtaken, each taken out: what the simulation must notice."""

from typing import Any

from desktop.intents.text_after import TextAfter
from tests.faults.mutants.mutant import Mutant

_settle = TextAfter._settle


def _settle_beside(after: TextAfter, context: Any, line: Any, fate: Any) -> None:
    """The line stays as well."""
    known = len(after.given_up)
    _settle(after, context, line, fate)
    del after.given_up[known:]


DECISION_MUTANTS: dict[str, Mutant] = {
    "decided_line_stays": Mutant(
        8, "what is sent anew is not sent as it was", ((TextAfter, "_settle", _settle_beside),)
    ),
}
