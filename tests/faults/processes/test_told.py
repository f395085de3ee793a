"""A story that told nothing of requests, rights or resources has not been judged by I12, I14 and I15, and says so."""

import os
from collections import Counter
from pathlib import Path

from tests.faults.history.check import check
from tests.faults.history.events import Measured
from tests.faults.history.good_history import good_history
from tests.faults.processes.counts import LINK_FAULTS, TOLD, Counts, unmet
from tests.faults.processes.measured import of_files, of_process


def test_that_a_story_that_left_something_untold_has_not_met_its_quotas() -> None:
    everything = Counts(faults=Counter(LINK_FAULTS), told=Counter(TOLD))
    assert unmet(everything, []) == []
    everything.told["asked in vain"] = 0
    assert unmet(everything, []) == ["nothing told of: asked in vain"]


def test_that_what_a_process_opens_and_leaves_behind_is_measured_and_judged(tmp_path: Path) -> None:
    """This very process, with more files open and more files left at each sample."""
    samples: list[Measured] = []
    with open(os.devnull) as first:  # noqa: PTH123  (a descriptor to double)
        doubles = []
        for sample in range(12):
            doubles.append(os.dup(first.fileno()))
            (tmp_path / f"left-{sample}").touch()
            samples += [*of_process("desk-a", os.getpid(), sample), *of_files("desk-a", tmp_path, sample)]
        for double in doubles:
            os.close(double)
    found = check([*good_history(), *samples])
    assert {violation.invariant for violation in found} == {"I15"}
    assert {violation.says.split(" grew")[0] for violation in found} == {"open files", "files"}
