"""The simulation notices when a rule of the desk is taken out: no such mutant lives."""

import pytest

from tests.faults.mutants.table import SIDES
from tests.faults.mutants.trial import try_mutants

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]


def test_that_no_mutant_of_the_desk_lives():
    verdicts = try_mutants("desk")
    assert verdicts.keys() == SIDES["desk"].keys()
    assert not {name: verdict.says for name, verdict in verdicts.items() if verdict.seed is None}
