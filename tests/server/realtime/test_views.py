"""Views: nobody concerned is left out, and who shares one sees the same of everything."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.actors import Actor, Role
from server.realtime.views import Views
from server.store.feed import BookingFacts, Change
from tests.server.realtime.feed_lines import ANN, OLGA, VISIBILITY, WORKFLOWS, facts, moved, said
from tests.server.realtime.recorded_link import recorded_socket

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
