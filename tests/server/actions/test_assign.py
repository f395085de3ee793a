"""Handing a booking to somebody, or back."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from contract.actors import Actor
from contract.ids import new_id
from contract.operations import Assign, Expect
from server.store.tables import bookings, messages, profiles
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")


def test_that_a_booking_is_given_moved_and_given_back(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ava, tom = desk.person("agent", "Ava", ("support",)), desk.person("technician", "Tom")
        booking_id = desk.booking(OLGA, workflow="techcare")
        steps: list[tuple[Assign, dict[str, Any]]] = [
            (Assign(assignee_id=ava.user_id), {"assignee_id": ava.user_id, "assignee_name": "Ava"}),
            (Assign(provider_id=tom.user_id), {"provider_id": tom.user_id, "assignee_id": ava.user_id}),
            (Assign(department="billing"), {"department": "billing", "provider_id": tom.user_id}),
            (
                Assign(assignee_id=None, provider_id=None),
                {"assignee_id": None, "assignee_name": None, "provider_id": None},
            ),
        ]
        for number, (payload, expected) in enumerate(steps, start=2):
            verdict = desk.do(OLGA, "booking.assign", payload, booking_id)
            assert (verdict.verdict, verdict.version) == ("applied", number)
            (row,) = desk.rows(bookings)
            assert {name: row[name] for name in expected} == expected
            assert (row["version"], row["op_id"]) == (number, verdict.op_id)
        assert len(desk.rows(messages)) == 1


def test_that_what_stands_already_is_a_noop(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ava = desk.person("agent", "Ava")
        booking_id = desk.booking(OLGA)
        assert desk.do(OLGA, "booking.assign", Assign(assignee_id=ava.user_id), booking_id).verdict == "applied"
        for payload in (Assign(assignee_id=ava.user_id), Assign(), Assign(provider_id=None)):
            assert desk.do(OLGA, "booking.assign", payload, booking_id).verdict == "noop"


def test_that_the_second_of_two_people_who_assign_offline_is_told(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ava, abe = desk.person("agent", "Ava"), desk.person("agent", "Abe")
        booking_id = desk.booking(OLGA)
        seen = Expect(version=1)
        desk.do(OLGA, "booking.assign", Assign(assignee_id=ava.user_id), booking_id, expect=seen)
        second = desk.do(OLGA, "booking.assign", Assign(assignee_id=abe.user_id), booking_id, expect=seen)
        assert (second.verdict, second.code) == ("rejected", "stale")
        assert (second.current or {})["version"] == 2


def test_that_only_active_people_of_the_fitting_kind_are_given_bookings(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, tom, ava = desk.person("customer"), desk.person("technician"), desk.person("agent")
        gone = sa.update(profiles).where(profiles.c.id == ava.user_id).values(disabled_at="2026-11-21T08:46:37.123Z")
        desk.write(lambda tx: tx.execute(gone))
        booking_id = desk.booking(OLGA)
        for payload in (
            Assign(assignee_id=ann.user_id),
            Assign(assignee_id=tom.user_id),
            Assign(assignee_id=ava.user_id),
            Assign(assignee_id=new_id()),
            Assign(provider_id=ava.user_id),
            Assign(provider_id=ann.user_id),
        ):
            assert desk.do(OLGA, "booking.assign", payload, booking_id).code == "user_not_found"


def test_that_an_agent_hands_over_within_its_own_departments(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ava = desk.person("agent", "Ava", ("support", "billing"))
        abe = desk.person("agent", "Abe", ("support",))
        booking_id = desk.booking(OLGA, workflow="support")
        assert desk.do(ava, "booking.assign", Assign(department="sales"), booking_id).code == "forbidden"
        assert desk.do(ava, "booking.assign", Assign(department=None), booking_id).code == "forbidden"
        assert desk.do(ava, "booking.assign", Assign(department="billing"), booking_id).verdict == "applied"
        assert desk.do(abe, "booking.assign", Assign(assignee_id=abe.user_id), booking_id).code == "booking_not_found"
        assert desk.do(ava, "booking.assign", Assign(assignee_id=abe.user_id), booking_id).verdict == "applied"
        assert desk.do(ava, "booking.assign", Assign(assignee_id=ava.user_id), booking_id).code == "forbidden"
        assert desk.do(abe, "booking.assign", Assign(assignee_id=ava.user_id), booking_id).verdict == "applied"
