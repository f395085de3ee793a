"""All mutants by name. The list only grows: each bug that is found leaves its rule here."""

from collections.abc import Mapping

from tests.faults.mutants.decision_mutants import DECISION_MUTANTS
from tests.faults.mutants.desk_mutants import DESK_MUTANTS
from tests.faults.mutants.mutant import Mutant
from tests.faults.mutants.server_mutants import SERVER_MUTANTS
from tests.faults.mutants.turn_mutants import TURN_MUTANTS

SIDES: Mapping[str, Mapping[str, Mutant]] = {
    "server": SERVER_MUTANTS,
    "desk": {**DESK_MUTANTS, **DECISION_MUTANTS, **TURN_MUTANTS},
}
MUTANTS: Mapping[str, Mutant] = {**SERVER_MUTANTS, **SIDES["desk"]}
