"""The list's filter at the size of a large desk: what it reads, and that caches made before learn it too."""

import asyncio

import pytest

from desktop.store.listing import order
from tests.support.desk_builders import ANN, booking_row, fresh_profile, item, workflow

OLD_INDEX = "needs_answer DESC, waiting_since, activity_at DESC"


def with_a_booking(folder):
    profile = fresh_profile(folder)
    for job in (
        lambda cache: cache.own(ANN.user_id, "staff"),
        lambda cache: cache.put_workflows({"protection": workflow()}),
        lambda cache: cache.apply([item(1, "bookings", booking_row("b"))], 1),
    ):
        asyncio.run(profile.worker.run(job))
    return profile


def reads(profile):
    """What the database says it reads for a filter."""
    connection, asked = profile.worker._writer.connection, []
    connection.set_trace_callback(asked.append)
    order(connection, "all", "omar", ANN)
    connection.set_trace_callback(None)
    [query] = [text for text in asked if "instr(" in text]
    plan = connection.execute(f"EXPLAIN QUERY PLAN {query}", {"needle": "omar"}).fetchall()
    return " ".join(row[3] for row in plan)


@pytest.fixture
def made_before(tmp_path):
    """A profile as the release before left it."""
    profile = with_a_booking(tmp_path)
    connection = profile.worker._writer.connection
    connection.execute("DROP INDEX summary_0_g0")
    connection.execute(f"CREATE INDEX summary_0_g0 ON summary ({OLD_INDEX})")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'filter_from_the_index'")
    connection.execute("PRAGMA user_version = 1")
    assert "COVERING" not in reads(profile)
    profile.close()
    return tmp_path


def test_that_a_filter_reads_one_index_in_the_lists_order_and_no_row(tmp_path):
    profile = with_a_booking(tmp_path)
    assert "COVERING INDEX summary_0" in reads(profile)
    assert "TEMP B-TREE" not in reads(profile)
    profile.close()


def test_that_a_cache_made_before_keeps_its_rows_and_learns_it(made_before):
    profile = fresh_profile(made_before)
    assert "COVERING INDEX summary_0" in reads(profile)
    [number] = profile.reader.order("all", "OMAR", ANN)
    assert profile.reader.row_number("b") == number
    profile.close()


def test_that_a_snapshots_new_tables_have_it_too(tmp_path):
    profile = with_a_booking(tmp_path)
    asyncio.run(profile.worker.stage(lambda staging: staging.begin()))
    asyncio.run(profile.worker.stage(lambda staging: staging.finish("e", 5, "2026-11-21T09:00:00.000Z")))
    assert "COVERING INDEX summary_0_g1" in reads(profile)
    profile.close()
