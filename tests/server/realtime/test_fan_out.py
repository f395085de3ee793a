"""Fan-out of commits: everyone concerned, nobody else, without a gap, each frame built once and written once."""

import itertools
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.actors import Actor, Role
from server.access.visibility import Visibility
from server.app import RESOURCES, load_workflows
from server.realtime.fan_out import CHUNK, PUSHED, FanOut
from server.realtime.recent import KEPT
from server.realtime.views import Views
from server.store.feed import Batch, BookingFacts, Change
from tests.server.realtime.recorded_link import RecordedLink, recorded_socket, texts

WORKFLOWS = load_workflows(RESOURCES / "workflows")
VISIBILITY = Visibility(WORKFLOWS)
OLGA = Actor("olga", "operator", "Olga")
OLEG = Actor("oleg", "operator", "Oleg")
ANN = Actor("ann", "customer", "Ann")
BEA = Actor("bea", "customer", "Bea")


def facts(booking_id: str = "b1", **more: Any) -> BookingFacts:
    values: dict[str, Any] = dict.fromkeys(BookingFacts.__struct_fields__, None) | {
        "id": booking_id, "code": "REQ1", "workflow": "protection", "status": "pending", "version": 1,
        "customer_id": "ann", "lang": "en", "customer_name": "Ann",
    }  # fmt: skip
    return BookingFacts(**(values | more))


def said(seq: int, about: BookingFacts, text: str = "hello", role: str = "customer", **more: Any) -> Change:
    row = {"id": f"m{seq}", "sender_role": role, "kind": "text", "message": text} | more
    encoded = msgspec.json.encode(row)
    return Change(seq, "messages", "insert", f"m{seq}", about.id, None, encoded, None, "t", about, about)


def moved(seq: int, before: BookingFacts | None, after: BookingFacts | None) -> Change:
    op = "insert" if before is None else "delete" if after is None else "update"
    about = after or before
    assert about is not None
    row, old = (None if one is None else msgspec.json.encode(one) for one in (after, before))
    return Change(seq, "bookings", op, about.id, about.id, None, row, old, "t", before, after)


class Desk:
    """A fan-out and the sockets brought to it."""

    def __init__(self, head: int = 0) -> None:
        self.fan_out = FanOut(VISIBILITY, "epoch", head)
        self._seqs = itertools.count(head + 1)

    def enter(self, actor: Actor, vsn: Any = "2.0.0") -> RecordedLink:
        socket, link = recorded_socket(vsn)
        self.fan_out.enter(actor, socket)
        return link

    def commit(self, *changes: Any) -> Batch:
        """Each change is a function of its seq."""
        made = [change(next(self._seqs)) for change in changes]
        batch = Batch("epoch", made[0].seq, made[-1].seq, made)
        self.fan_out.publish(batch)
        return batch


def payloads(link: RecordedLink) -> list[dict[str, Any]]:
    return [json.loads(text)[4] for text in texts(link)]


def ranges(link: RecordedLink) -> list[tuple[int, int, list[int]]]:
    return [(one["from"], one["to"], [item["seq"] for item in one["items"]]) for one in payloads(link)]


def test_that_a_commit_reaches_whoever_may_see_it_and_nobody_else() -> None:
    desk = Desk()
    olga, ann, bea = desk.enter(OLGA), desk.enter(ANN), desk.enter(BEA)
    desk.commit(lambda seq: said(seq, facts()))
    assert ranges(olga) == ranges(ann) == [(1, 1, [1])]
    assert bea.written == []


def test_that_all_who_see_the_same_get_the_very_same_bytes() -> None:
    desk = Desk()
    links = [desk.enter(actor) for actor in (OLGA, OLEG, ANN, ANN)]
    desk.commit(lambda seq: said(seq, facts()))
    assert len({id(link.written[0]) for link in links}) == 1
    assert desk.fan_out.deliveries == 4


def test_that_everything_of_one_commit_is_one_write() -> None:
    desk = Desk()
    olga = desk.enter(OLGA)
    desk.commit(*[lambda seq: said(seq, facts())] * 50)
    assert len(olga.written) == 1
    assert ranges(olga) == [(1, 50, list(range(1, 51)))]


def test_that_ranges_cover_what_may_not_be_seen_so_that_permission_is_no_gap() -> None:
    desk = Desk()
    ann = desk.enter(ANN)
    desk.commit(lambda seq: said(seq, facts()))
    for _ in range(3):
        desk.commit(lambda seq: said(seq, facts("b2", customer_id="bea")))
    desk.commit(lambda seq: said(seq, facts()))
    assert ranges(ann) == [(1, 1, [1]), (2, 5, [5])]


def test_that_a_socket_that_comes_later_sees_no_gap_either() -> None:
    desk = Desk(head=40)
    first = desk.enter(ANN)
    desk.commit(lambda seq: said(seq, facts("b2", customer_id="bea")))
    second = desk.enter(ANN)  # holds everything up to 41
    desk.commit(lambda seq: said(seq, facts()))
    assert ranges(first) == ranges(second) == [(41, 42, [42])]


def test_that_both_versions_get_the_same_payload() -> None:
    desk = Desk()
    new, old = desk.enter(OLGA), desk.enter(OLGA, "1.0.0")
    desk.commit(lambda seq: said(seq, facts()))
    frame = json.loads(texts(old)[0])
    assert (frame["topic"], frame["event"], frame["ref"]) == ("sync", "changes", None)
    assert frame["payload"] == payloads(new)[0]


def test_that_a_booking_coming_into_sight_is_added_and_one_going_out_dropped() -> None:
    desk = Desk()
    ann, bea, olga = desk.enter(ANN), desk.enter(BEA), desk.enter(OLGA)
    desk.commit(lambda seq: moved(seq, facts(), facts(customer_id="bea")))
    assert [(i["table"], i["op"], i["id"]) for i in payloads(ann)[0]["items"]] == [("scope", "drop", "b1")]
    assert [(i["table"], i["op"], i["id"]) for i in payloads(bea)[0]["items"]] == [("scope", "add", "b1")]
    assert payloads(olga)[0]["items"][0]["row"]["customer_id"] == "bea"


def test_that_a_very_long_commit_is_split_without_a_hole() -> None:
    desk = Desk()
    olga = desk.enter(OLGA)
    desk.commit(*[lambda seq: said(seq, facts(), "x" * (CHUNK // 4))] * 10)
    got = ranges(olga)
    assert len(got) > 1
    assert [one[0] for one in got[1:]] == [one[1] + 1 for one in got[:-1]]
    assert (got[0][0], got[-1][1]) == (1, 10)
    assert [seq for _, _, seqs in got for seq in seqs] == list(range(1, 11))


def test_that_of_a_commit_too_long_to_push_enough_is_sent_to_show_the_gap() -> None:
    desk = Desk()
    olga = desk.enter(OLGA)
    desk.commit(*[lambda seq: said(seq, facts(), "x" * (CHUNK // 2))] * (4 * PUSHED))
    [(first, last, _)] = ranges(olga)
    assert first > 1
    assert last == 4 * PUSHED


def test_that_a_commit_longer_than_what_is_kept_in_memory_is_brought_whole() -> None:
    desk = Desk()
    olga = desk.enter(OLGA)
    desk.commit(*[lambda seq: said(seq, facts())] * (KEPT + 200))
    assert [seq for _, _, seqs in ranges(olga) for seq in seqs] == list(range(1, KEPT + 201))


def test_that_a_short_gap_is_closed_from_memory_and_a_long_one_is_not() -> None:
    desk = Desk()
    for _ in range(KEPT + 10):
        desk.commit(lambda seq: said(seq, facts()))
    missed = desk.fan_out.gap(ANN, 10, "2.0.0")
    assert missed is not None
    assert missed.count(b'"table":"messages"') == KEPT
    assert desk.fan_out.gap(ANN, 9, "2.0.0") is None
    assert desk.fan_out.gap(ANN, KEPT + 10, "2.0.0") == b""


def test_that_a_message_removed_since_is_not_told_from_memory() -> None:
    desk = Desk()
    desk.commit(lambda seq: said(seq, facts(), "a secret", id="m1"))

    def removed(seq: int) -> Change:
        old, row = (
            msgspec.json.encode(
                {"id": "m1", "sender_role": "customer", "kind": "text", "message": text, "deleted_at": at}
            )
            for text, at in (("a secret", None), ("", "2026-11-21T08:46:37.123Z"))
        )
        return Change(seq, "messages", "update", "m1", "b1", None, row, old, "t", facts(), facts())

    desk.commit(removed)
    missed = desk.fan_out.gap(ANN, 0, "2.0.0")
    assert missed is not None
    assert b"secret" not in missed
    assert missed.count(b'"table":"messages"') == 2


def test_that_only_news_is_worth_confirming() -> None:
    desk = Desk()
    socket, _ = recorded_socket()
    view = desk.fan_out.enter(OLGA, socket)
    desk.commit(lambda seq: said(seq, facts()), lambda seq: said(seq, facts(), role="operator"))
    desk.commit(lambda seq: said(seq, facts(), kind="note"))
    assert not view.confirm(0)
    assert view.confirm(1)
    assert not view.confirm(3)


PEOPLE = ("ann", "olga", "oleg")
DEPARTMENTS = ("support", "billing")
OPEN_TO_BIDS = next(name for name, flow in WORKFLOWS.items() if "marketplace" in flow.features)
roles: Any = st.sampled_from(["customer", "technician", "dentist", "agent", "operator", "admin", "chatbot", "service"])
actors = st.builds(
    lambda who, role, departments: Actor(who, role, who, tuple(departments) if role == "agent" else ()),
    st.sampled_from(PEOPLE),
    roles,
    st.sets(st.sampled_from(DEPARTMENTS)),
)
someone = st.sampled_from([None, *PEOPLE])
some_facts = st.builds(
    lambda place, customer, provider, assignee, creator, department: facts(
        workflow=place[0],
        status=place[1],
        customer_id=customer,
        provider_id=provider,
        assignee_id=assignee,
        created_by=creator,
        department=department,
    ),
    st.sampled_from([(OPEN_TO_BIDS, WORKFLOWS[OPEN_TO_BIDS].first_status), (OPEN_TO_BIDS, "x"), ("support", "active")]),
    someone,
    someone,
    someone,
    someone,
    st.sampled_from([None, *DEPARTMENTS]),
)


def some_changes(before: BookingFacts, after: BookingFacts) -> list[Change]:
    profile = msgspec.json.encode({"id": "ann", "role": "customer", "departments": []})
    return [
        moved(1, before, after),
        moved(1, None, after),
        moved(1, before, None),
        said(1, after),
        said(1, after, kind="note"),
        Change(1, "receipts", "update", "r", after.id, None, b"{}", b"{}", "t", after, after),
        Change(1, "status_history", "insert", "h", after.id, None, b"{}", None, "t", after, after),
        Change(1, "profiles", "update", "ann", None, None, profile, profile, "t", None, None),
    ]


@settings(max_examples=300)
@given(people=st.lists(actors, min_size=1, max_size=6), before=some_facts, after=some_facts)
def test_that_no_view_concerned_is_left_out(people: list[Actor], before: BookingFacts, after: BookingFacts) -> None:
    views = Views()
    entered = [views.enter(actor, recorded_socket()[0], 0) for actor in people]
    for change in some_changes(before, after):
        found = set(views.concerned(change))
        for view in entered:
            if VISIBILITY.item_class(view.actor, change) is not None:
                assert view in found, (view.actor, change.table, change.op)


@settings(max_examples=600)
@given(role=roles, departments=st.sets(st.sampled_from(DEPARTMENTS)), before=some_facts, after=some_facts)
def test_that_who_shares_a_view_sees_the_same_of_everything(
    role: Role, departments: set[str], before: BookingFacts, after: BookingFacts
) -> None:
    views = Views()
    one, other = (Actor(who, role, who, tuple(sorted(departments))) for who in ("olga", "oleg"))
    if views.enter(one, recorded_socket()[0], 0) is not views.enter(other, recorded_socket()[0], 0):
        return
    for change in some_changes(before, after):
        assert VISIBILITY.shown(one, change) == VISIBILITY.shown(other, change)


@pytest.mark.parametrize("actor", [OLGA, ANN, Actor("ava", "agent", "Ava", ("support", "billing"))])
def test_that_a_view_ends_with_its_last_socket(actor: Actor) -> None:
    views = Views()
    socket, _ = recorded_socket()
    view = views.enter(actor, socket, 5)
    views.leave(view, socket)
    change = said(6, facts(department="support", assignee_id=None))
    assert list(views.concerned(change)) == []
    assert views.enter(actor, socket, 6) is not view
