"""The measuring itself is measured: deliveries are all counted, and a target is judged by what it says."""

import shutil

import pytest

from tests.bench import shapes
from tests.bench.contestants import bare_sends
from tests.bench.figures import Target, failure, figure, table
from tests.bench.load_client import Load, LoadFailed, Pace, measure

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="the load client is C; gcc is not installed")


def test_that_a_ratio_target_compares_with_the_peer_of_the_same_pass() -> None:
    passes = figure("acks", "/s", [10, 30, 20], Target("≥ 5 ×", "ratio at least", 5), "peer", [2, 5, 5])
    assert (passes.ours, passes.theirs, passes.ratio, passes.met) == (20, 5, 5, True)


def test_that_a_value_above_its_ceiling_is_not_met() -> None:
    assert figure("late", "ms", [101], Target("≤ 100 ms", "at most", 100)).met is False
    assert figure("late", "ms", [100], Target("≤ 100 ms", "at most", 100)).met is True


def test_that_a_value_below_its_floor_is_not_met() -> None:
    assert figure("many", "/s", [99], Target("≥ 100/s", "at least", 100)).met is False
    assert figure("many", "/s", [100], Target("≥ 100/s", "at least", 100)).met is True


def test_that_what_could_not_be_measured_stands_in_the_table_as_not_met() -> None:
    lost = failure("acks", "/s", Target("≥ 5 ×", "ratio at least", 5), "the server died")
    assert lost.met is False
    assert "NOT MET" in table([lost])
    assert "the server died" in table([lost])


def test_that_many_rooms_gives_every_booking_four_sockets() -> None:
    shape = shapes.many_rooms(100)
    heard = [room.name for person in shape.sockets for room in shape.rooms_of(person)]
    assert sorted(heard) == sorted([room.name for room in shape.rooms] * 4)


@needs_gcc
def test_that_the_load_counts_every_delivery_of_every_message() -> None:
    with bare_sends.running(300) as floor:
        pace = Pace(lone=True, fan=20, warm_ms=20, measure_ms=200)
        window = measure(Load(floor.dialect, floor.clients(20), 1, pace, floor.pid, texts=[""]))
    assert window.all_sent > 0
    assert window.all_deliveries == window.all_sent * 20
    assert window.delivery_ms is not None
    assert 0 < window.server_cpu <= window.seconds * 1.05


@needs_gcc
def test_that_the_load_reports_deliveries_that_never_came() -> None:
    with bare_sends.running(300) as floor:
        pace = Pace(window=1, fan=21, warm_ms=20, measure_ms=200, drain_ms=1500)
        with pytest.raises(LoadFailed, match="deliveries instead of"):
            measure(Load(floor.dialect, floor.clients(20), 1, pace, floor.pid, texts=[""]))
