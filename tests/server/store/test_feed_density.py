"""Whatever is written, fails or is done by hand, the feed has no gap and says exactly what was committed."""

import json
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.ids import new_id
from server.store.feed import BookingFacts
from server.store.tables import bookings, messages, status_history
from server.store.transactions import WriteTx
from tests.support.engines import at_a_prompt
from tests.support.writing_desk import WritingDesk

Step = tuple[str, int]
steps = st.lists(
    st.tuples(st.sampled_from(["create", "status", "assign", "say", "raise"]), st.integers(0, 3)),
    min_size=1,
    max_size=5,
)
commits = st.lists(
    st.one_of(st.lists(steps, min_size=1, max_size=4), st.sampled_from(["by hand", "reopen"])), min_size=1, max_size=6
)


class Deliberate(Exception):
    """A job fails because it was told to."""


def job_of(steps: list[Step], made: list[str]) -> Any:
    def job(tx: WriteTx) -> list[str]:
        fresh: list[str] = []
        for what, number in steps:
            known = made + fresh
            if what == "raise":
                raise Deliberate
            if what == "create":
                booking_id = new_id()
                tx.insert_booking({"id": booking_id, "code": f"X{booking_id}", "workflow": "chat", "status": "pending"})
                fresh.append(booking_id)
            elif known and what == "say":
                values = {"booking_id": known[number % len(known)], "sender_type": "client", "message": "Hello"}
                tx.execute(sa.insert(messages).values(id=new_id(), **values))
            elif known:
                booking_id = known[number % len(known)]
                facts = tx.facts(booking_id)
                assert facts is not None
                assert facts == stored_facts(tx, booking_id)
                column = {"status": "status", "assign": "assignee_id"}[what]
                tx.update_booking(booking_id, {column: f"{what} {number}", "version": facts.version + 1})
        return fresh

    return job


def stored_facts(tx: WriteTx, booking_id: str) -> BookingFacts | None:
    row = tx.one(sa.select(bookings).where(bookings.c.id == booking_id))
    return None if row is None else BookingFacts(*(row[name] for name in BookingFacts.__struct_fields__))


def change_by_hand(desk: WritingDesk) -> None:
    at_a_prompt(desk.settings, "UPDATE bookings SET status='by hand', title='x'")


def replayed(desk_changes: Any) -> dict[str, dict[str, Any]]:
    """The rows of both tables as the feed alone tells of them."""
    rows: dict[str, dict[str, Any]] = {}
    for change in desk_changes:
        if change.row is None:
            rows.pop(change.row_id)
        else:
            rows[change.row_id] = json.loads(change.row)
    return rows


@settings(max_examples=40)
@given(commits)
def test_that_the_feed_is_dense_and_replays_to_the_database_through_random_failures(story: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = WritingDesk(Path(folder))
        made: list[str] = []
        for commit in story:
            if commit == "reopen":
                desk.run(lambda tx: None)  # what is not yet told at a stop is nobody's news at the start
                desk.writer.close()
                reopened = WritingDesk(Path(folder))
                reopened.batches = desk.batches
                desk = reopened
            elif commit == "by hand":
                change_by_hand(desk)
            else:
                for fresh in desk.run(*(job_of(steps, list(made)) for steps in commit)):
                    made += [] if isinstance(fresh, Deliberate) else fresh
        desk.run(lambda tx: None)
        changes = desk.changes()
        assert [change.seq for change in changes] == list(range(1, len(changes) + 1))
        stored = {row["id"]: row for table in (bookings, messages, status_history) for row in desk.rows(table)}
        assert replayed(changes) == stored
        check_facts(changes)
        desk.writer.close()


def check_facts(changes: Any) -> None:
    """Each line's facts are those the lines before it amount to."""
    known: dict[str, BookingFacts] = {}
    for change in changes:
        assert change.before == known.get(change.booking_id)
        if change.table == "bookings":
            row = json.loads(change.row)
            known[change.row_id] = BookingFacts(*(row[name] for name in BookingFacts.__struct_fields__))
        assert change.after == known.get(change.booking_id)
