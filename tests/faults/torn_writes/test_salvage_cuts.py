"""The power goes while a damaged outbox is being mended: what can be saved is saved all the same, and it is said."""

import random

from tests.faults.torn_writes.corruptions import SALVAGED
from tests.faults.torn_writes.opening import open_found
from tests.faults.torn_writes.recorded_salvage import DRAFT
from tests.faults.torn_writes.trace import Disk, record

CUTS = 40


def test_that_a_salvage_cut_short_at_any_moment_loses_nothing_and_is_told(tmp_path):
    steps = record(tmp_path / "desk", seed=1, program="recorded_salvage")
    paths = [step.path for step in steps]
    damaged = max(number for number, path in enumerate(paths) if path == "damaged")
    kept = Disk(steps, random.Random(0), "all").files["kept"].decode().split()
    assert len(kept) > 5
    given = max(number for number, path in enumerate(paths) if path == "kept")  # told is next
    moments = random.Random(1).sample(
        [(at, fate) for at in range(damaged + 1, given + 2) for fate in ("none", "all", "some")], CUTS
    )
    for at, fate in moments:
        folder = tmp_path / f"{at}-{fate}"
        Disk(steps[:at], random.Random(at), fate).put(folder)
        opened = open_found(folder)
        assert set(kept) <= opened.texts.keys(), (at, fate, steps[at])
        assert opened.drafts == {"b1": DRAFT}, (at, fate, steps[at])
        assert opened.told(SALVAGED), (at, fate, steps[at])
