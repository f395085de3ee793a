"""Views are their tables under other names and nothing else: for everybody, as rows and as changes."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from contract.actors import ROLES, Actor, Role
from contract.permissions import Sight
from server.access.accounts import create_account
from server.access.identity import Identity
from server.access.visibility import Visibility
from server.doors.supabase.column_types import COLUMN_TYPES
from server.doors.supabase.realtime.change_data import Shown, ToldChange
from server.doors.supabase.realtime.join_request import read_request
from server.doors.supabase.realtime.part import Part
from server.doors.supabase.realtime.room_names import read_room_name
from server.doors.supabase.realtime.row_changes import RowChanges
from server.doors.supabase.rows.reading import read_rows, readable
from server.doors.supabase.rows.row_query import read_query
from server.doors.supabase.rows.writing import RowWriter
from server.doors.supabase.views import CHAT_MESSAGES, SESSIONS, VIEWS, View
from server.realtime.channels import Channel
from server.store.store import Store
from server.store.tables import bookings, messages, profiles, receipts
from server.store.transactions import WriteTx
from tests.server.realtime.recorded_link import recorded_socket, texts
from tests.support.engines import settings_for
from tests.support.running_postgres import on_both_engines as pytest_generate_tests  # noqa: F401
from tests.support.writing_desk import WritingDesk, load_workflows

WORKFLOWS = load_workflows()
VISIBILITY = Visibility(WORKFLOWS)
PEOPLE = ("p1", "p2", "p3")
READERS = [
    Actor(person, role, person, departments)
    for role in ROLES
    for person in PEOPLE[:2]
    for departments in ([(), ("support",)] if role == "agent" else [()])
]
FIELDS: tuple[Any, ...] = (
    {},
    {"user_email": "a@b.example"},
    {"user_email": 5},
    {"user_email": None},
    [],
    "text",
    {"rating": 4, "feedback": "Kind"},
    {"rating": "4", "feedback": 4},
    {"rating": True},
    {"rating": 3.5},
    {"rating": 10**12},
    {"rating": -1},
)
SAID = (("client", "customer", "text"), ("operator", "operator", "text"), ("operator", "agent", "note"),
        ("operator", "chatbot", "text"), ("system", "system", "system"), ("operator", "admin", "invoice"))  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, engine: str) -> Iterator[WritingDesk]:
    """Bookings of three workflows in every constellation, each talked in; then half of them are changed."""
    with WritingDesk(tmp_path) as found:
        found.write(_people)
        found.write(_conversations)
        found.write(_changes_later)
        yield found


def _people(tx: WriteTx) -> None:
    for number, role in enumerate(ROLES):
        tx.execute(sa.insert(profiles).values(id=f"of-{role}", name=f"Name {number}", role=role))
    tx.execute(sa.insert(profiles).values(id="gone", name="Gone", role="agent", disabled_at="2026-11-21T08:46:37.123Z"))


def _conversations(tx: WriteTx) -> None:
    kinds = itertools.product(
        ("support", "techcare", "protection"), ("waiting", "active", "ended", "pending"), (None, "p1"), (None, "p2")
    )
    for number, (workflow, status, customer, assignee) in enumerate(kinds):
        booking = f"booking-{number:03}"
        tx.insert_booking(
            {"id": booking, "code": f"SUP{number:03}", "workflow": workflow, "status": status, "customer_id": customer,
             "customer_name": "Somebody", "assignee_id": assignee, "created_by": (None, "p1")[number % 2],
             "department": (None, "support", "billing")[number % 3], "fields": FIELDS[number % len(FIELDS)],
             "status_since": f"2026-11-21T08:46:37.{number:03}Z"}
        )  # fmt: skip
        for at, (sender, role, kind) in enumerate(SAID):
            line = {"id": f"{booking}-{at}", "booking_id": booking, "sender_type": sender, "sender_role": role}
            tx.execute(sa.insert(messages).values(**line, kind=kind, message=f"{booking} {kind}"))
        middle = tx.value(sa.select(messages.c.position).where(messages.c.id == f"{booking}-{number % len(SAID)}"))
        side = ("customer", "staff", "bot")[number % 3]
        tx.execute(sa.insert(receipts).values(id=booking, booking_id=booking, user_id="p1", side=side,
                                              read_position=middle))  # fmt: skip


def _changes_later(tx: WriteTx) -> None:
    for number in range(0, 48, 2):
        moved = ({"status": "ended"}, {"assignee_id": "p1", "status": "active"}, {"workflow": "support"})[number % 3]
        tx.update_booking(f"booking-{number:03}", {**moved, "version": 2})
        changed = {"message": "", "deleted_at": "2026-11-21T08:46:38.000Z"} if number % 4 else {"message": "edited"}
        tx.execute(sa.update(messages).where(messages.c.id == f"booking-{number:03}-1").values(**changed))
    tx.execute(sa.update(profiles).where(profiles.c.id == "of-customer").values(role="agent"))
    tx.execute(sa.update(profiles).where(profiles.c.id == "of-admin").values(disabled_at="2026-11-21T08:46:37.123Z"))
    tx.execute(sa.delete(messages).where(messages.c.id == "booking-001-0"))


def seen_in_table(tx: WriteTx, actor: Actor, view: View) -> list[dict[str, Any]]:
    """The rows of its table which the view is of, and of which this actor sees all; by the view's words."""
    found = []
    for row in tx.rows(sa.select(view.table)):
        facts = tx.facts(row["id"] if view.table is bookings else row.get("booking_id", ""))
        whole = view.table is not bookings or VISIBILITY.sight(actor, facts) >= Sight.ROW
        if whole and VISIBILITY.sees_row(actor, view.table.name, row, facts) and view.holds(row, facts):
            found.append(view.told(row, new=False))
    return found


def test_that_everybody_reads_in_a_view_just_what_they_see_of_its_table(desk: WritingDesk) -> None:
    tx, seen_by_anybody = desk.writer.tx, dict.fromkeys(VIEWS, 0)
    for actor, view in itertools.product(READERS, VIEWS.values()):
        table, condition = readable(VISIBILITY, actor, view, ())
        rows = tx.rows(sa.select(table).where(condition))
        if view is CHAT_MESSAGES:
            assert all(row.pop("is_read") == has_been_read(tx, row) for row in rows)
        assert sorted(rows, key=by_id) == sorted(seen_in_table(tx, actor, view), key=by_id), actor
        seen_by_anybody[view.name] += len(rows)
    assert min(seen_by_anybody.values()) > 10


def has_been_read(tx: WriteTx, row: dict[str, Any]) -> bool:
    marks = tx.rows(sa.select(receipts).where(receipts.c.booking_id == row["session_id"]))
    others = [one for one in marks if (one["side"] == "customer") == row["is_agent"]]
    return any(one["read_position"] >= row["position"] for one in others)


def test_that_everybody_hears_by_a_view_just_what_they_hear_of_its_table(desk: WritingDesk) -> None:
    came_in: set[str] = set()
    heard_by_anybody, changes = dict.fromkeys(VIEWS, 0), {change.seq: change for change in desk.changes()}
    for actor, view in itertools.product(READERS, VIEWS.values()):
        by_source, by_view = heard(desk, actor, str(view.table.name)), heard(desk, actor, view.name)
        expected = []
        for one in by_source:
            change = changes[one["seq"]]
            row = json.loads(change.row or change.old or b"{}")
            facts = change.after or change.before
            redacted = view.table is bookings and VISIBILITY.sight(actor, facts) == Sight.REDACTED
            if view.holds(row, facts) and not redacted:
                expected.append((one["seq"], one["type"], view.told(row, new=one["type"] == "INSERT")))
        told = [(one["seq"], one["type"], one.get("record")) for one in by_view]
        assert told == [(seq, kind, None if kind == "DELETE" else row) for seq, kind, row in expected], actor
        for one, source in zip(by_view, (each for each in by_source if each["seq"] in {seq for seq, *_ in told}),
                               strict=True):  # fmt: skip
            assert one["table"] == view.name
            assert [column["name"] for column in one["columns"]] == list(COLUMN_TYPES[view.name])
            change = changes[one["seq"]]
            if change.op == "update" and not view.holds(json.loads(change.old or b"{}"), change.before):
                assert one["old_record"].keys() == {"id"}, "it was not in the view before"
                came_in.add(view.name)
            elif "old_record" in one and one["old_record"].keys() != {"id"}:
                assert one["old_record"] == view.told(source["old_record"], new=False)
        heard_by_anybody[view.name] += len(told)
    assert min(heard_by_anybody.values()) > 10
    assert came_in == {"live_chat_sessions", "support_agents"}


@pytest.mark.sqlite
def test_that_what_somebody_sees_redacted_is_in_no_view_of_it(desk: WritingDesk) -> None:
    on_offer = View("jobs", bookings, where=bookings.c.workflow == "techcare",
                    holds=lambda row, _: row["workflow"] == "techcare", columns=VIEWS["live_chat_sessions"].columns,
                    names_booking="id")  # fmt: skip
    tx = desk.writer.tx
    counted = {}
    for role in ("technician", "operator"):
        actor = Actor("p1", role, "Somebody")  # type: ignore[arg-type]  # mypy takes the words for any text
        jobs = sa.select(bookings.c.id).where(VISIBILITY.rows_filter(actor, bookings), on_offer.where)
        table, condition = readable(VISIBILITY, actor, on_offer, ())
        counted[role] = (len(tx.rows(jobs)), len(tx.rows(sa.select(table).where(condition))))
    [job, *_] = (one for one in desk.changes() if one.table == "bookings" and b"techcare" in (one.row or b""))
    [told] = ToldChange(job).in_views((on_offer,))
    assert told.as_seen(Shown(redacted=True, before=True)) is None
    assert counted["technician"] == (2, 0)
    assert counted["operator"][0] == counted["operator"][1] > 2


def heard(desk: WritingDesk, actor: Actor, table: str) -> list[dict[str, Any]]:
    """What a channel of that actor's is told of all that ever happened, by that name."""
    changes = RowChanges(VISIBILITY)
    socket, link = recorded_socket()
    asked = {"config": {"postgres_changes": [{"event": "*", "schema": "public", "table": table}]}}
    request, name = read_request(asked, stranger=False), read_room_name("all")
    channel = Channel(None, socket, "realtime:all", "1")  # type: ignore[arg-type]
    changes.add(Part(channel, name, request, Identity(actor, "session", 2e9)))
    for batch in desk.batches:
        changes.publish(batch)
    return [json.loads(text)[4]["data"] for text in texts(link)]


def test_that_a_session_runs_its_course_by_the_names_of_its_views(tmp_path: Path, engine: str) -> None:
    asyncio.run(_course(tmp_path))


async def _course(folder: Path) -> None:
    store = Store.open(settings_for(folder))
    store.start(asyncio.get_running_loop(), lambda batch: None)
    writer = RowWriter(store, WORKFLOWS, VISIBILITY, lambda kind, verdict: None)

    async def person(role: Role) -> Actor:
        return Actor(await store.write(lambda tx: create_account(tx, None, None, role.title(), role)), role, role)

    async def insert(actor: Actor, view: View, **row: Any) -> str:
        [made] = await writer.insert(actor, view, [row], upsert=False, ignore=False)
        return made

    try:
        ann, olga = await person("customer"), await person("operator")
        session = await insert(ann, SESSIONS, user_name="Ann", user_email="ann@home.example")
        await insert(ann, CHAT_MESSAGES, session_id=session, message="Hello")
        this = read_query([("id", f"eq.{session}"), ("status", "neq.ended")])
        assert await writer.update(olga, SESSIONS, this, {"agent_id": olga.user_id, "status": "active"}) == [session]
        await insert(olga, CHAT_MESSAGES, session_id=session, message="How can I help?")
        unread = read_query([("session_id", f"eq.{session}"), ("is_agent", "is.true"), ("is_read", "eq.false")])
        assert len(await writer.update(ann, CHAT_MESSAGES, unread, {"is_read": True})) == 3
        assert await writer.update(ann, CHAT_MESSAGES, unread, {"is_read": True}) == []
        await writer.update(ann, SESSIONS, this, {"status": "ended", "rating": 5, "feedback": "Kind"})
        asked = read_query([("select", "status,rating,feedback,user_email,agent_id,chat_messages(message,is_read)")])
        [row] = (await store.read(lambda tx: read_rows(tx, VISIBILITY, ann, SESSIONS, asked, count=False))).rows
    finally:
        store.close()
    lines = {line["message"]: line["is_read"] for line in row.pop("chat_messages")}
    assert row == {"status": "ended", "rating": 5, "feedback": "Kind", "user_email": "ann@home.example",
                   "agent_id": olga.user_id}  # fmt: skip
    assert (lines["Hello"], lines["Agent has joined"], lines["How can I help?"]) == (False, True, True)


def by_id(row: dict[str, Any]) -> str:
    return str(row["id"])
