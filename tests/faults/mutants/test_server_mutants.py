"""The simulation notices when a rule of the server is taken out: no such mutant lives."""

import pytest

from tests.faults.mutants.table import MUTANTS, SIDES
from tests.faults.mutants.trial import try_mutants

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]


def test_that_no_mutant_of_the_server_lives():
    verdicts = try_mutants("server")
    assert verdicts.keys() == SIDES["server"].keys()
    assert not {name: verdict.says for name, verdict in verdicts.items() if verdict.seed is None}


def test_that_there_are_thirty_mutants_or_more():
    assert len(MUTANTS) >= 30
