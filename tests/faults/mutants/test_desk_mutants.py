"""The simulation notices when a rule of the desk is taken out: no such mutant lives."""

import pytest

from tests.faults.counted import Counted
from tests.faults.mutants.table import SIDES
from tests.faults.mutants.trial import try_mutants

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]


def test_that_no_mutant_of_the_desk_lives(counted: Counted):
    verdicts = try_mutants("desk")
    lived = {name: verdict.says for name, verdict in verdicts.items() if verdict.seed is None}
    counted(checked=len(verdicts), violations=len(lived))
    assert verdicts.keys() == SIDES["desk"].keys()
    assert not lived
