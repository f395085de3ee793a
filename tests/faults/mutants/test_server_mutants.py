"""The simulation notices when a rule of the server is taken out: no such mutant lives."""

import pytest

from tests.faults.counted import Counted
from tests.faults.mutants.table import MUTANTS, SIDES
from tests.faults.mutants.trial import try_mutants

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]


def test_that_no_mutant_of_the_server_lives(counted: Counted):
    verdicts = try_mutants("server")
    lived = {name: verdict.says for name, verdict in verdicts.items() if verdict.seed is None}
    counted(checked=len(verdicts), violations=len(lived))
    assert verdicts.keys() == SIDES["server"].keys()
    assert not lived


def test_that_there_are_thirty_mutants_or_more():
    assert len(MUTANTS) >= 30
