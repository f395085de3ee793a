"""Power cuts and damaged files: a sample of what `make torture` does to a desk's files.

After a power cut nothing promised is lost and nothing has to be mended; after damage what can be read is saved, and
the person is told.
"""

import random

import pytest

from tests.faults.counted import Counted
from tests.faults.torn_writes.corruptions import FILES, WAYS, damage
from tests.faults.torn_writes.opening import Opened
from tests.faults.torn_writes.power_cuts import FATES, cut_again, cut_power, judge, told_of
from tests.faults.torn_writes.recorded_desk import PROMISED
from tests.faults.torn_writes.trace import Disk, Step, record

CUTS = 30
DAMAGES = 48
IN_MEMORY = ("-shm", "leader.lock")
"""Files whose content is of no use after a power cut."""


def test_that_no_power_cut_loses_what_the_outbox_promised_to_keep(tmp_path, counted: Counted):
    counts = cut_power(tmp_path, seed=1, at_most=CUTS)
    cuts, broken = counts.cuts.total(), len(counts.broken)
    counted(operations=counts.promised, faults=cuts, checked=cuts, violations=broken)
    assert counts.broken == []
    assert counts.cuts.total() == CUTS
    assert len(counts.cuts) == len(FATES)
    assert counts.promised > CUTS


def test_that_no_damage_goes_by_in_silence_and_what_can_be_read_is_saved(tmp_path, counted: Counted):
    counts = damage(tmp_path, DAMAGES, seed=1)
    counted(operations=counts.salvaged + counts.lost, faults=DAMAGES, checked=DAMAGES, violations=len(counts.broken))
    assert counts.broken == []
    assert len(counts.done) == len(FILES) * len(WAYS)
    assert counts.told
    assert counts.salvaged > counts.lost


def test_that_a_trace_played_to_its_end_gives_the_very_files(tmp_path):
    steps = record(tmp_path / "desk", seed=2)
    played = {path: bytes(content) for path, content in Disk(steps, random.Random(0), "all").files.items()}
    on_disk = {
        str(file.relative_to(tmp_path / "desk")): file.read_bytes()
        for file in (tmp_path / "desk").rglob("*")
        if not file.name.endswith(IN_MEMORY)
    }
    assert played == on_disk


@pytest.mark.parametrize(("fate", "left"), [("none", b"safe"), ("all", b"safe and not")])
def test_that_a_disk_keeps_what_was_synced_and_only_that_for_sure(fate, left):
    steps = [Step("W", "file", 0, b"safe"), Step("S", "file", 0, b""), Step("W", "file", 4, b" and not")]
    assert bytes(Disk(steps, random.Random(0), fate).files["file"]) == left


def test_that_a_cut_that_lost_something_is_told_and_can_be_repeated_alone(tmp_path):
    """A desk that promises before it has kept: what it wrote is not synced when the power goes."""
    steps = [Step("W", "outbox.db", 0, b""), Step("S", "outbox.db", 0, b""), Step("W", PROMISED, 0, b"gone")]
    steps = [*steps, Step("S", PROMISED, 0, b"")]
    says = told_of(5, steps, 4, "none", "1 of 1 promised operations are gone", tmp_path)
    trace = tmp_path / "trace-5.json"
    assert says.splitlines()[0].startswith("seed 5, power cut after step 4 of 4, unsynced none: 1 of 1 promised")
    assert f"    sync {PROMISED} at 0, 0 bytes" in says
    assert says.endswith(f"  again: python -m tests.faults.torn_writes --trace {trace} --cut 4 --unsynced none")
    assert cut_again(tmp_path / "desk", trace, 4, "none").startswith("1 of 1 promised operations are gone")
    assert cut_again(tmp_path / "desk", trace, 2, "none") == ""


def test_that_a_loss_is_seen():
    opened = Opened({"kept": ""}, {}, {}, {}, 0, 0, "")
    assert judge(opened, {"kept"}) == ""
    assert judge(opened, {"kept", "gone"}).startswith("1 of 2 promised operations are gone")
