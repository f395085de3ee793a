"""A snapshot takes the place of what is held, and never leads back within one history."""

import pytest

from desktop.state.pending import FeedPosition
from desktop.store.errors import Outdated
from desktop.store.snapshot_staging import SnapshotStaging
from tests.support.desk_builders import EPOCH, booking_row, moment


def bookings(cache):
    return [row["id"] for row in cache.connection.execute("SELECT id FROM bookings").fetchall()]


def take_snapshot(cache, epoch, seq):
    staging = SnapshotStaging(cache.connection)
    staging.begin()
    staging.stage("bookings", [booking_row(f"b{seq}")])
    staging.finish(epoch, seq, moment(1))


def test_that_a_snapshot_from_before_what_is_held_of_the_same_history_is_left(cache):
    take_snapshot(cache, EPOCH, 98)
    with pytest.raises(Outdated):
        take_snapshot(cache, EPOCH, 97)
    assert cache.position().feed == FeedPosition(EPOCH, 98)
    assert bookings(cache) == ["b98"]


@pytest.mark.parametrize(("epoch", "seq"), [(EPOCH, 98), (EPOCH, 99), ("of a restored server", 3)])
def test_that_a_snapshot_as_new_as_what_is_held_or_of_another_history_is_taken(cache, epoch, seq):
    take_snapshot(cache, EPOCH, 98)
    take_snapshot(cache, epoch, seq)
    assert cache.position().feed == FeedPosition(epoch, seq)
    assert bookings(cache) == [f"b{seq}"]
