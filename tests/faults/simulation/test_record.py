"""What a run takes for a fault as soon as a desk says it."""

from types import SimpleNamespace
from typing import Any

import pytest

from desktop.state.changes import Changes
from tests.faults.simulation.record import Record


@pytest.fixture
def told():
    """A record that listens to one desk that is up, and that desk's voice."""
    changes = Changes()
    world: Any = SimpleNamespace(loop=SimpleNamespace(now=1.0))
    life: Any = SimpleNamespace(process=SimpleNamespace(alive=True), seat=SimpleNamespace(name="Ann"))
    record = Record(world)
    record.listen(life, changes)
    return record, changes.notice


@pytest.mark.parametrize("key", ["outbox_salvaged", "outbox_salvaged_partly"])
def test_that_an_outbox_found_short_in_a_run_without_damage_is_a_fault(told, key):
    record, notice = told
    notice(key, kept=3, damaged_file="outbox.db.damaged")
    assert [wrong.startswith(f"Ann was told {key}") for wrong in record.wrong] == [True]


def test_that_what_belongs_to_a_run_is_none(told):
    record, notice = told
    notice("server_restored", resent=2)
    assert record.wrong == []
