"""The cache: rows and position move together, repeats change nothing, what leaves sight leaves the disk."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.feed import BookingSnapshot, FeedItem
from desktop.state.pending import FeedPosition
from desktop.store.cache_worker import open_cache
from desktop.store.snapshot_staging import SnapshotStaging
from tests.support.desk_builders import (
    ANN,
    BEN,
    CUSTOMER,
    EPOCH,
    booking_row,
    item,
    message_row,
    moment,
    receipt_row,
    step_row,
    workflow,
)
from tests.support.desk_histories import random_history

KEY = b"k" * 32


def dump(writer):
    """Everything but row numbers, in one order."""
    found = {}
    for table in ("bookings", "messages", "status_history", "receipts", "summary"):
        rows = [dict(row) for row in writer.connection.execute(f"SELECT * FROM {table}").fetchall()]
        for row in rows:
            row.pop("num", None)
        found[table] = sorted(rows, key=repr)
    return found


def summary(writer, booking_id="a"):
    row = writer.connection.execute("SELECT * FROM summary WHERE booking_id = ?", (booking_id,)).fetchone()
    return dict(row) if row else None


def count(writer, table):
    return writer.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_that_rows_and_position_are_one_commit(cache):
    applied = cache.apply([item(3, "bookings", booking_row("a")), item(5, "messages", message_row("a", "Hi"))], 7)
    assert cache.position().feed == FeedPosition(None, 7)
    assert cache.position().as_of == moment(5)
    assert (applied.bookings, applied.conversations) == ({"a"}, {"a"})
    with pytest.raises(ValueError, match="no such thing"):
        cache.apply([item(8, "bookings", booking_row("b")), Exploding()], 9)
    assert cache.position().feed.seq == 7
    assert count(cache, "bookings") == 1


class Exploding:
    """An item that fails in the middle of a commit."""

    seq = 9

    @property
    def table(self):
        raise ValueError("no such thing")


def test_that_a_repeat_changes_nothing(cache):
    items = [item(1, "bookings", booking_row("a")), item(2, "messages", message_row("a", "Hi"))]
    cache.apply(items, 2)
    before = dump(cache)
    changed = item(1, "bookings", booking_row("a", status="accepted", version=2), "update")
    applied = cache.apply([changed, *items], 2)
    assert dump(cache) == before
    assert applied.bookings == set()


def test_that_a_row_that_is_no_row_is_left_out_and_counted(cache):
    good, bad = message_row("a", "Hi"), message_row("a", "Hi") | {"position": "seven"}
    applied = cache.apply(
        [item(1, "bookings", booking_row("a")), item(2, "messages", bad), item(3, "messages", good)], 3
    )
    assert applied.broken == 1
    assert count(cache, "messages") == 1
    assert cache.position().feed.seq == 3


def test_that_unknown_tables_and_fields_are_let_be(cache):
    row = booking_row("a") | {"a_field_of_tomorrow": 1}
    cache.apply([item(1, "bookings", row), FeedItem(2, "bids", "insert", "x", "a", None, {"id": "x"})], 2)
    assert count(cache, "bookings") == 1


def test_that_a_row_deleted_at_a_prompt_goes_here_too(cache):
    row = message_row("a", "Hi")
    cache.apply([item(1, "bookings", booking_row("a")), item(2, "messages", row)], 2)
    cache.apply([FeedItem(3, "messages", "delete", row["id"], "a")], 3)
    assert count(cache, "messages") == 0
    assert summary(cache)["last_text"] == ""


def test_that_what_leaves_sight_leaves_the_disk(cache):
    cache.apply(
        [
            item(1, "bookings", booking_row("a")),
            item(2, "messages", message_row("a", "Hi")),
            item(3, "status_history", step_row("a", 2, "accepted")),
            item(4, "receipts", receipt_row("a", CUSTOMER, "customer")),
        ],
        4,
    )
    applied = cache.apply([FeedItem(5, "scope", "drop", "a", "a")], 5)
    assert applied.bookings == {"a"}
    assert [count(cache, table) for table in ("bookings", "messages", "status_history", "receipts", "summary")] == [
        0
    ] * 5


def test_that_what_comes_into_sight_is_wanted_until_it_is_fetched_and_not_overwritten_by_older_news(cache):
    applied = cache.apply([FeedItem(5, "scope", "add", "a", "a")], 5)
    assert applied.wanted == {"a"}
    assert cache.wanted() == ["a"]
    tables = {"bookings": [booking_row("a", "deployed", 4)], "messages": [message_row("a", "Hi", position=90)]}
    cache.put_booking("a", BookingSnapshot(EPOCH, 9, tables, more=True))
    assert cache.wanted() == []
    cache.apply([item(7, "bookings", booking_row("a", "accepted", 3), "update")], 8)
    assert summary(cache)["status"] == "deployed"
    cache.apply([item(10, "bookings", booking_row("a", "on_site", 5), "update")], 10)
    assert summary(cache)["status"] == "on_site"


def test_that_a_booking_gone_before_it_was_fetched_is_forgotten(cache):
    cache.apply([FeedItem(5, "scope", "add", "a", "a")], 5)
    cache.put_booking("a", None)
    assert (cache.wanted(), count(cache, "bookings")) == ([], 0)


@pytest.mark.parametrize(
    ("lines", "needs_answer", "waiting_from"),
    [
        ([], False, None),
        (["client"], True, 0),
        (["client", "client"], True, 0),
        (["client", "operator"], False, None),
        (["client", "operator", "client", "client"], True, 2),
        (["client", "system"], True, 0),
        (["client", "note"], True, 0),
        (["client", "chatbot"], False, None),
        (["operator", "removed"], False, None),
        (["client", "removed-answer"], True, 0),
    ],
)
def test_that_needs_answer_is_the_customers_newest_public_line(cache, lines, needs_answer, waiting_from):
    special = {
        "system": ("system", {"kind": "system"}),
        "note": ("operator", {"kind": "note"}),
        "chatbot": ("operator", {"sender_role": "chatbot"}),
        "removed": ("client", {"deleted_at": moment(9)}),
        "removed-answer": ("operator", {"deleted_at": moment(9)}),
    }
    rows = []
    for position, name in enumerate(lines, 1):
        sender, values = special.get(name, (name, {}))
        rows.append(message_row("a", name, sender, position=position, created_at=moment(position), **values))
    cache.apply([item(1, "bookings", booking_row("a")), *(item(2, "messages", row) for row in rows)], 2)
    found = summary(cache)
    assert bool(found["needs_answer"]) == needs_answer
    assert found["waiting_since"] == (None if waiting_from is None else rows[waiting_from]["created_at"])


def test_that_a_closed_booking_needs_no_answer(cache):
    cache.put_workflows({"protection": workflow()}, "tag")
    rows = [item(1, "bookings", booking_row("a")), item(2, "messages", message_row("a", "Thank you"))]
    cache.apply(rows, 2)
    assert summary(cache)["needs_answer"] == 1
    cache.apply([item(3, "bookings", booking_row("a", "completed", 2), "update")], 3)
    assert (summary(cache)["needs_answer"], summary(cache)["open"]) == (0, 0)
    assert cache.workflows_tag() == "tag"


def test_that_unread_counts_the_customers_lines_above_my_mark(cache):
    rows = [message_row("a", str(position), position=position) for position in (1, 2, 3)]
    mine = message_row("a", "answer", "operator", position=4)
    cache.apply([item(1, "bookings", booking_row("a")), *(item(2, "messages", row) for row in [*rows, mine])], 2)
    assert summary(cache)["unread"] == 3
    applied = cache.apply([item(3, "receipts", receipt_row("a", ANN.user_id, "staff", read=2))], 3)
    assert applied.my_reads == {"a": 2}
    assert summary(cache)["unread"] == 1
    cache.apply([item(4, "receipts", receipt_row("a", BEN.user_id, "staff", read=9))], 4)
    assert summary(cache)["unread"] == 1


def test_that_another_person_finds_an_empty_cache(cache):
    cache.apply([item(1, "bookings", booking_row("a"))], 1)
    assert cache.own(ANN.user_id, "staff") is False
    assert cache.own(BEN.user_id, "staff") is True
    assert count(cache, "bookings") == 0
    assert cache.position().feed == FeedPosition(None, 0)


def test_that_a_cut_snapshot_leaves_the_old_data_and_a_whole_one_replaces_it(cache):
    cache.apply([item(1, "bookings", booking_row("a")), item(2, "messages", message_row("a", "old"))], 2)
    before = dump(cache)
    staging = SnapshotStaging(cache.connection)
    staging.begin()
    staging.stage("bookings", [booking_row("b")])
    assert dump(cache) == before
    staging.begin()
    staging.stage("bookings", [booking_row("b"), booking_row("c")])
    staging.stage("messages", [message_row("b", str(number)) for number in range(30)] + [{"id": "broken"}])
    staging.stage("bids", [{"id": "of tomorrow"}])
    staging.finish(EPOCH, 90, moment(5))
    assert staging.broken == 1
    assert cache.position().feed == FeedPosition(EPOCH, 90)
    assert summary(cache, "a") is None
    assert summary(cache, "b")["unread"] == 30
    more = dict(cache.connection.execute("SELECT booking_id, more FROM ranges").fetchall())
    assert more == {"b": 1, "c": 0}


def test_that_snapshot_after_snapshot_works_and_leaves_no_staging(cache):
    staging = SnapshotStaging(cache.connection)
    for number in range(3):
        staging.begin()
        staging.stage("bookings", [booking_row(f"b{number}")])
        staging.finish(EPOCH, number, moment(number))
    names = [row[0] for row in cache.connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'staging%'")]
    assert names == []
    assert summary(cache, "b2") is not None


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.booleans())
def test_that_a_snapshot_equals_the_feed_up_to_the_same_point(tmp_path_factory, seed, cut, settle):
    """The same history, taken as a feed in pieces and taken as one snapshot, is the same cache (I13)."""
    chance = random.Random(seed)
    items, state = random_history(chance)
    folder = tmp_path_factory.mktemp("caches")
    fed, taken = (open_cache(folder / f"{name}.db", KEY) for name in ("fed", "taken"))
    for writer in (fed, taken):
        writer.own(ANN.user_id, "staff")
        writer.put_workflows({"protection": workflow()})
    for start in range(0, len(items), cut):
        piece = items[start : start + cut]
        fed.apply(piece, piece[-1].seq, settle=settle)
    while fed.settle(limit=3):
        assert not settle
    staging = SnapshotStaging(taken.connection)
    staging.begin()
    for table, rows in state.items():
        staging.stage(table, list(rows.values()))
    staging.finish(EPOCH, len(items), moment(1))
    assert dump(fed) == dump(taken)
    fed.connection.close()
    taken.connection.close()
