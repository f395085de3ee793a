"""Notifications: written with what brings them about, to the others it concerns, each in their own language."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from contract.actors import Actor
from contract.ids import new_id
from contract.operations import AnswerBid, Assign, PlaceBid, PressTransition, ReadNotification, VerifyTechnician
from server.actions import notify
from server.store.tables import notifications
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")
COLUMNS = ("user_id", "kind", "message")


class Told:
    """A desk, and what has been told since one last looked."""

    def __init__(self, desk: WritingDesk) -> None:
        self.desk = desk
        self._seen: set[str] = set()

    def news(self) -> list[tuple[str, str, str]]:
        """(to whom, kind, message) of the new ones, in the order of kind and person."""
        rows = [row for row in self.desk.rows(notifications) if row["id"] not in self._seen]
        self._seen |= {row["id"] for row in rows}
        return sorted(tuple(row[name] for name in COLUMNS) for row in rows)  # type: ignore[misc]

    def technician(self, name: str, lang: str = "en") -> Actor:
        made = self.desk.person("technician", name, lang=lang)
        self.desk.do(OLGA, "technician.verify", VerifyTechnician(made.user_id))
        return made


@pytest.fixture
def told(tmp_path: Path, stands_on: str) -> Iterator[Told]:
    with WritingDesk(tmp_path) as desk:
        yield Told(desk)


def test_that_bids_and_their_answers_are_told_to_those_they_are_for_in_their_language(told: Told) -> None:
    desk = told.desk
    ann, tom, tim = desk.person("customer", "Ann", lang="ar"), told.technician("Tom"), told.technician("Tim", "ar")
    job = desk.booking(ann, "techcare")
    chosen = desk.do(tom, "bid.place", PlaceBid(1250.5, "AED"), job).op_id
    commit = desk.batches[-1].changes
    assert [(line.table, line.op_id) for line in commit] == [("bids", chosen), ("notifications", chosen)]
    assert told.news() == [(ann.user_id, "bid_placed", "يعرض Tom تنفيذ طلبك مقابل 1,250.5 AED.")]
    desk.do(tom, "bid.place", PlaceBid(1200, "AED"), job)
    assert told.news() == [], "a bid that changes is no new one"
    desk.do(tim, "bid.place", PlaceBid(900), job)
    told.news()
    desk.do(ann, "bid.accept", AnswerBid(chosen), job)
    assert told.news() == [
        (tom.user_id, "bid_accepted", "Your bid of 1,200 AED was accepted. The job is yours."),
        (tim.user_id, "bid_declined", "لم يقع الاختيار على عرضك بقيمة 900."),
    ]
    [row] = desk.rows(notifications, notifications.c.kind == "bid_accepted")
    assert row["title"].startswith("TechCare repair TEC")
    assert (row["booking_id"], row["is_read"], row["read_at"]) == (job, False, None)


def test_that_a_change_of_status_is_told_to_the_other_parties(told: Told) -> None:
    desk = told.desk
    ann, tom, ava = desk.person("customer"), told.technician("Tom"), desk.person("agent", departments=("field",))
    job = desk.booking(ann, "techcare")
    desk.do(OLGA, "booking.assign", Assign(assignee_id=ava.user_id, provider_id=tom.user_id), job)
    assert told.news() == []
    for who, press, others in (
        (OLGA, PressTransition("assign"), (ann, tom, ava)),
        (tom, PressTransition("set_off"), (ann, ava)),
        (ann, PressTransition("cancel", {"reason": "{reason} {x}"}), (tom, ava)),
    ):
        assert desk.do(who, "booking.transition", press, job).verdict == "applied"
        text = desk.workflows["techcare"].transitions[press.transition].system["en"]
        expected = text.replace("{reason}", "{reason} {x}")
        assert told.news() == sorted((one.user_id, "status_changed", expected) for one in others)


def test_that_a_business_without_the_feature_notifies_nobody(told: Told) -> None:
    desk = told.desk
    booking = desk.booking(OLGA, customer_id=desk.person("customer").user_id)
    desk.do(OLGA, "booking.transition", PressTransition("accept"), booking)
    assert told.news() == []


def test_that_only_its_reader_marks_a_notification_as_read(told: Told) -> None:
    desk = told.desk
    ann, bea = desk.person("customer"), desk.person("customer")
    job = desk.booking(ann, "techcare")
    desk.do(OLGA, "booking.transition", PressTransition("assign"), job)
    [row] = desk.rows(notifications)
    payload = ReadNotification(row["id"])
    for other in (OLGA, bea, Actor(new_id(), "service", "Script")):
        assert desk.do(other, "notification.read", payload).code == "notification_not_found"
    assert desk.do(ann, "notification.read", payload).verdict == "applied"
    [row] = desk.rows(notifications)
    assert row["is_read"] is True
    assert row["read_at"] is not None
    assert desk.do(ann, "notification.read", payload).verdict == "noop"


def test_that_of_one_person_the_newest_are_kept(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = told.desk
    ann, bea = desk.person("customer"), desk.person("customer")
    monkeypatch.setattr(notify, "KEPT", 3)

    def assigned(customer: Actor) -> str:
        job = desk.booking(customer, "techcare")
        desk.do(OLGA, "booking.transition", PressTransition("assign"), job)
        return job

    of_bea, jobs = assigned(bea), [assigned(ann) for _ in range(5)]
    kept = {row["booking_id"] for row in desk.rows(notifications)}
    assert kept == {of_bea, *jobs[2:]}


def test_that_what_is_told_after_the_clock_was_set_back_is_kept(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = told.desk
    ann = desk.person("customer")
    monkeypatch.setattr(notify, "KEPT", 2)
    jobs = [desk.booking(ann, "techcare") for _ in range(3)]
    for job in jobs[:2]:
        desk.do(OLGA, "booking.transition", PressTransition("assign"), job)
    desk.write(lambda tx: tx.execute(sa.update(notifications).values(created_at="2999-01-01T00:00:00.000Z")))
    desk.do(OLGA, "booking.transition", PressTransition("assign"), jobs[2])
    kept = [row["booking_id"] for row in desk.rows(notifications)]
    assert len(kept) == 2
    assert jobs[2] in kept


def test_that_a_notification_left_by_a_closed_account_is_written_to_nobody(told: Told) -> None:
    desk = told.desk
    ann = desk.person("customer", "Ann")
    job = desk.booking(ann, "techcare")
    desk.by_hand("UPDATE profiles SET disabled_at='2026-11-21T08:46:37.123Z' WHERE name='Ann'")
    desk.do(OLGA, "booking.transition", PressTransition("assign"), job)
    assert told.news() == []
