"""Older lines come page by page: no page leaves a hole that nobody sees, none brings back what was changed."""

from contract.feed import BookingSnapshot, MessagePage
from desktop.store.snapshot_staging import SnapshotStaging
from tests.support.desk_builders import EPOCH, booking_row, item, message_row, moment


def begin_history(writer):
    """An empty snapshot of EPOCH."""
    staging = SnapshotStaging(writer.connection)
    staging.begin()
    staging.finish(EPOCH, 0, moment(0))


def lines_of(writer, booking_id):
    asked = "SELECT message FROM messages WHERE booking_id = ? ORDER BY position"
    return [row["message"] for row in writer.connection.execute(asked, (booking_id,)).fetchall()]


def test_that_a_change_of_an_older_line_leaves_no_hole(cache):
    begin_history(cache)
    tables = {"bookings": [booking_row("a")], "messages": [message_row("a", "new", position=50)]}
    cache.put_booking("a", BookingSnapshot(EPOCH, 1, tables, more=True))
    old = message_row("a", "old, edited", position=20)
    cache.apply([item(2, "messages", old, "update")], 2)
    assert lines_of(cache, "a") == ["new"]
    rows = [message_row("a", "older", position=10), old]
    assert not cache.add_older("a", MessagePage(EPOCH, 1, rows, more=False), below=50), "read before that change"
    assert not cache.add_older("a", MessagePage("another", 3, rows, more=False), below=50)
    assert lines_of(cache, "a") == ["new"]
    assert cache.add_older("a", MessagePage(EPOCH, 3, rows, more=False), below=50)
    assert lines_of(cache, "a") == ["older", "old, edited", "new"]
    cache.apply([item(4, "messages", old | {"message": "again"}, "update")], 4)
    assert lines_of(cache, "a") == ["older", "again", "new"]


def test_that_a_page_asked_for_before_the_booking_was_fetched_anew_leaves_no_hole(cache):
    """It was to lie below line 100; meanwhile the newest lines begin at 300."""
    begin_history(cache)
    first = {"bookings": [booking_row("a")], "messages": [message_row("a", "hundred", position=100)]}
    cache.put_booking("a", BookingSnapshot(EPOCH, 1, first, more=True))
    page = MessagePage(EPOCH, 5, [message_row("a", "fifty", position=50)], more=True)
    later = {"bookings": [booking_row("a")], "messages": [message_row("a", "three hundred", position=300)]}
    cache.put_booking("a", BookingSnapshot(EPOCH, 4, later, more=True))
    assert not cache.add_older("a", page, below=100)
    assert lines_of(cache, "a") == ["three hundred"]
    between = MessagePage(EPOCH, 3, [message_row("a", "two hundred", position=200)], more=True)
    assert not cache.add_older("a", between, below=300), "the fetched booking is newer than this page"
