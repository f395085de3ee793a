"""One rule, two forms: what SQL lets through and what the predicate lets through is the same, on random data."""

import json
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.actors import ROLES, Actor, Role
from contract.ids import new_id
from contract.permissions import Sight
from contract.rows import ROW_TYPES
from server.access.visibility import HIDDEN_WHEN_REDACTED, Visibility, encode_item
from server.store.feed import BookingFacts, Change
from server.store.tables import (
    PUBLISHED,
    bids,
    bookings,
    messages,
    notifications,
    profiles,
    receipts,
    status_history,
    technicians,
)
from server.store.transactions import WriteTx
from tests.support.writing_desk import WritingDesk, load_workflows

PEOPLE = ("p1", "p2", "p3")
DEPARTMENTS = ("support", "billing")
WORKFLOWS = load_workflows()
VISIBILITY = Visibility(WORKFLOWS)

somebody = st.one_of(st.none(), st.sampled_from(PEOPLE))
booking_rows = st.fixed_dictionaries(
    {
        "workflow": st.sampled_from([*WORKFLOWS, "unknown"]),
        "status": st.sampled_from(["pending", "waiting", "assigned", "requested", "completed"]),
        "customer_id": somebody,
        "provider_id": somebody,
        "assignee_id": somebody,
        "created_by": somebody,
        "department": st.one_of(st.none(), st.sampled_from(DEPARTMENTS)),
        "bidders": st.lists(st.sampled_from(PEOPLE), max_size=2),
        "notes": st.lists(st.sampled_from(["text", "note", "system"]), max_size=3),
    }
)
actors = st.builds(
    Actor,
    user_id=st.sampled_from(PEOPLE),
    role=st.sampled_from(ROLES),
    name=st.just("Somebody"),
    departments=st.lists(st.sampled_from(DEPARTMENTS), unique=True).map(tuple),
)
people = st.lists(st.tuples(st.sampled_from(ROLES), st.booleans()), min_size=3, max_size=3)
"""Everyone's role, and whether they are verified if they are a technician."""


def filled(tx: WriteTx, rows: list[dict[str, Any]], roles: list[tuple[Role, bool]]) -> None:
    for user_id, (role, verified) in zip(PEOPLE, roles, strict=True):
        tx.execute(sa.insert(profiles).values(id=user_id, name=user_id, role=role))
        tx.execute(sa.update(technicians).where(technicians.c.id == user_id).values(is_verified=verified))
    for row in rows:
        booking_id = new_id()
        values = {name: value for name, value in row.items() if name not in ("notes", "bidders")}
        tx.insert_booking({"id": booking_id, "code": booking_id, **values})
        tx.execute(sa.insert(status_history).values(booking_id=booking_id, version=1, to_status=row["status"]))
        tx.execute(sa.insert(receipts).values(id=booking_id, booking_id=booking_id, user_id="p1", side="staff"))
        for bidder in row["bidders"]:
            tx.execute(sa.insert(notifications).values(user_id=bidder, kind="told", message="x", booking_id=booking_id))
        for bidder in set(row["bidders"]):
            tx.execute(sa.insert(bids).values(booking_id=booking_id, technician_id=bidder, amount=1.5))
        for kind in row["notes"]:
            tx.execute(sa.insert(messages).values(booking_id=booking_id, sender_type="client", kind=kind, message="x"))


def visible_both_ways(desk: WritingDesk, actor: Actor, table: sa.Table) -> tuple[set[str], set[str]]:
    """Ids that the SQL form lets through, and those that the predicate does."""
    tx = desk.writer.tx
    by_sql = {row["id"] for row in tx.rows(sa.select(table).where(VISIBILITY.rows_filter(actor, table)))}
    by_predicate = set()
    for row in tx.rows(sa.select(table)):
        booking_id = row["id"] if table is bookings else row.get("booking_id")
        facts = None if booking_id is None else tx.facts(booking_id)
        if VISIBILITY.sees_row(actor, table.name, row, facts):
            by_predicate.add(row["id"])
    return by_sql, by_predicate


@settings(max_examples=60)
@given(st.lists(booking_rows, max_size=8), people, st.lists(actors, min_size=1, max_size=6))
def test_that_both_forms_of_the_rule_agree(rows: Any, roles: Any, viewers: Any) -> None:
    with tempfile.TemporaryDirectory() as folder, WritingDesk(Path(folder)) as desk:
        desk.write(lambda tx: filled(tx, rows, roles))
        for actor in viewers:
            for table in PUBLISHED:
                by_sql, by_predicate = visible_both_ways(desk, actor, table)
                assert by_sql == by_predicate, (actor, table.name)
            for least in (Sight.REDACTED, Sight.ROW, Sight.FULL):
                seen = {row["id"] for row in desk.rows(bookings, VISIBILITY.bookings_filter(actor, least))}
                every = [desk.writer.tx.facts(row["id"]) for row in desk.rows(bookings)]
                assert seen == {facts.id for facts in every if facts and VISIBILITY.sight(actor, facts) >= least}


@settings(max_examples=60)
@given(st.lists(booking_rows, max_size=5), people, actors)
def test_that_the_feed_shows_exactly_the_rows_a_snapshot_does(rows: Any, roles: Any, actor: Actor) -> None:
    """For rows just made, an item comes if and only if the row is in the snapshot, and with the same content. Of tables
    that our own clients do not hold none comes, and the businesses' apps hear of just the rows that they may read."""
    with tempfile.TemporaryDirectory() as folder, WritingDesk(Path(folder)) as desk:
        desk.write(lambda tx: filled(tx, rows, roles))
        shown = [VISIBILITY.shown(actor, change) for change in desk.changes()]
        items = {(item["table"], item["id"]): item["row"] for item in map(json.loads, filter(None, shown))}
        seen = {
            (change.table, change.row_id): VISIBILITY.sees_change(actor, change) is not None
            for change in desk.changes()  # of a row's changes the last one counts
        }
        heard = {key for key, whether in seen.items() if whether}
        snapshot, readable = {}, set()
        for table in PUBLISHED:
            for row in desk.rows(table, VISIBILITY.rows_filter(actor, table)):
                readable.add((table.name, row["id"]))
                if table.name in ROW_TYPES:
                    booking_id = row["id"] if table is bookings else row.get("booking_id", "")
                    facts = desk.writer.tx.facts(booking_id)
                    snapshot[table.name, row["id"]] = VISIBILITY.redact(actor, table.name, row, facts)
        assert items == snapshot
        assert heard == readable


facts_of = st.builds(
    BookingFacts,
    id=st.just("b"),
    code=st.just("REQ1"),
    workflow=st.sampled_from(list(WORKFLOWS)),
    status=st.sampled_from(["pending", "waiting", "assigned"]),
    version=st.just(1),
    customer_id=somebody,
    provider_id=somebody,
    assignee_id=somebody,
    department=st.one_of(st.none(), st.sampled_from(DEPARTMENTS)),
    created_by=somebody,
    lang=st.just("en"),
    customer_name=st.just("Ann"),
)


@given(facts_of, facts_of, actors)
def test_that_a_booking_that_comes_into_sight_or_leaves_it_is_told_so(
    before: BookingFacts, after: BookingFacts, actor: Actor
) -> None:
    row = json.dumps({"id": "b", "customer_name": "Ann", "place": "Here"}).encode()
    change = Change(7, "bookings", "update", "b", "b", None, row, row, "2026-11-21T08:46:37.123Z", before, after)
    was, now = VISIBILITY.sight(actor, before), VISIBILITY.sight(actor, after)
    shown = VISIBILITY.shown(actor, change)
    item = None if shown is None else json.loads(shown)
    if was != now:
        expected = "drop" if now == Sight.NONE else "add"
        assert item == {
            "seq": 7,
            "table": "scope",
            "op": expected,
            "id": "b",
            "booking_id": "b",
            "at": "2026-11-21T08:46:37.123Z",
        }
    elif now == Sight.NONE:
        assert item is None
    else:
        assert item is not None
        assert item["row"]["customer_name"] == ("" if now == Sight.REDACTED else "Ann")


@given(facts_of, st.lists(actors, min_size=2, max_size=4), st.sampled_from(["insert", "update", "delete"]))
def test_that_those_of_one_class_get_the_same_bytes(facts: BookingFacts, viewers: Any, op: str) -> None:
    row = json.dumps({"id": "b", **dict.fromkeys(HIDDEN_WHEN_REDACTED, "secret")}).encode()
    change = Change(1, "bookings", op, "b", "b", None, row, row, "", facts, facts)
    for actor in viewers:
        found = VISIBILITY.item_class(actor, change)
        assert VISIBILITY.shown(actor, change) == (None if found is None else encode_item(change, found))
        if found == "redacted":
            assert b"secret" not in encode_item(change, found)


def test_that_a_note_hidden_in_an_invoice_is_not_taken_for_one(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        olga, ann = desk.person("operator"), desk.person("customer")
        booking_id = desk.booking(olga, customer_id=ann.user_id)
        desk.say(olga, booking_id, "Invoice", kind="invoice", invoice={"kind": "note"})
        desk.say(olga, booking_id, 'A text with "kind":"note" in it')
        desk.say(olga, booking_id, "Between us", kind="note")
        shown = [VISIBILITY.shown(ann, change) is not None for change in desk.changes()[-3:]]
        assert shown == [True, True, False]


def test_that_a_table_that_is_not_published_is_nobodys_to_see(tmp_path: Path) -> None:
    admin = Actor(new_id(), "admin", "Adam")
    assert VISIBILITY.sees_row(admin, "accounts", {"kind": "", "id": "x", "role": "admin"}, None) is False
    for table in set(profiles.metadata.sorted_tables) - set(PUBLISHED):
        assert str(VISIBILITY.rows_filter(admin, table)) == "false"
