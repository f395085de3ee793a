"""The digest of a cache: the same for the same rows, in one piece or in 256, and honest about what is ahead."""

import threading
from collections import Counter

from contract.feed import BookingSnapshot
from contract.ids import new_id
from contract.row_digest import Tally, read_row
from desktop.store.cache_digest import digest_cache
from desktop.store.cache_worker import open_cache
from desktop.sync.audit import ENDINGS
from tests.support.desk_builders import ANN, EPOCH, booking_row, item, message_row

KEY = b"k" * 32


def filled(tmp_path, count=40):
    cache = open_cache(tmp_path / "cache.db", KEY)
    cache.own(ANN.user_id, "staff")
    rows = []
    for number in range(count):
        booking = new_id()
        rows += [("bookings", booking_row(booking)), ("messages", message_row(booking, "Hi", position=number + 1))]
    cache.apply([item(seq, table, row) for seq, (table, row) in enumerate(rows, 1)], len(rows))
    return cache, rows


def digest(tmp_path, ending=""):
    return digest_cache(tmp_path / "cache.db", KEY, ending, threading.Event())


def test_that_what_is_held_counts_as_the_rows_that_were_given_in_any_order(tmp_path):
    cache, rows = filled(tmp_path)
    tally = Tally()
    for table, row in reversed(rows):
        read = read_row(table, row)
        assert read is not None
        tally.add(table, read)
    held = digest(tmp_path)
    assert held.digests == tally.digests()
    assert held.bookings == tally.bookings()
    assert held.position.seq == len(rows)
    cache.connection.close()


def test_that_the_pieces_together_are_the_whole(tmp_path):
    cache, _ = filled(tmp_path)
    pieces = [digest(tmp_path, ending) for ending in ENDINGS]
    rows = Counter()
    for piece in pieces:
        rows.update({table: it.rows for table, it in piece.digests.items()})
    whole = digest(tmp_path)
    assert rows == {table: it.rows for table, it in whole.digests.items()}
    assert {key: value for piece in pieces for key, value in piece.bookings.items()} == whole.bookings
    cache.connection.close()


def test_that_a_booking_fetched_ahead_of_the_feed_is_waited_for(tmp_path):
    cache, rows = filled(tmp_path, 1)
    booking = rows[0][1]
    assert digest(tmp_path).settled
    cache.put_booking(booking["id"], BookingSnapshot(EPOCH, 9, {"bookings": [booking]}, more=False))
    assert not digest(tmp_path).settled
    cache.apply([], 9)
    assert digest(tmp_path).settled
    cache.connection.close()


def test_that_a_row_that_can_no_longer_be_read_is_missed_not_fatal(tmp_path):
    cache, rows = filled(tmp_path, 2)
    cache.connection.execute("UPDATE bookings SET fields = 'torn' WHERE id = ?", (rows[0][1]["id"],))
    assert digest(tmp_path).digests["bookings"].rows == 1
    cache.connection.close()


def test_that_whoever_leaves_is_not_kept_waiting(tmp_path):
    cache, _ = filled(tmp_path)
    leaving = threading.Event()
    leaving.set()
    assert digest_cache(tmp_path / "cache.db", KEY, "", leaving) is None
    cache.connection.close()
