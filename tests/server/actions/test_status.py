"""Status buttons: who, from where, in whose words, and what the second of two people is told."""

from pathlib import Path
from typing import Any

import pytest

from contract.actors import Actor
from contract.ids import new_id
from contract.operations import Assign, Expect, PressTransition, SendMessage, SetStatus
from contract.workflow import buttons, in_language
from server.store.checks import store_checks
from server.store.tables import bookings, messages, status_history
from tests.support.writing_desk import WritingDesk, load_workflows

OLGA = Actor(new_id(), "operator", "Olga")
OMAR = Actor(new_id(), "operator", "Omar")
WORKFLOWS = load_workflows()
STEPS = [(workflow.name, name) for workflow in WORKFLOWS.values() for name in workflow.transitions]


def system_lines(desk: WritingDesk) -> list[dict[str, Any]]:
    return desk.rows(messages, messages.c.kind == "system")


def test_that_accepting_moves_row_history_and_conversation_together(tmp_path: Path) -> None:
    """B-03, B-15."""
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        verdict = desk.do(OMAR, "booking.transition", PressTransition("accept"), booking_id)
        (booking,) = desk.rows(bookings)
        assert (verdict.verdict, verdict.version) == ("applied", 2)
        assert (booking["status"], booking["version"], booking["op_id"]) == ("accepted", 2, verdict.op_id)
        assert booking["status_since"] == booking["updated_at"] >= booking["created_at"]
        newest = desk.rows(status_history, status_history.c.version == 2)[0]
        assert (newest["from_status"], newest["to_status"], newest["transition"]) == ("pending", "accepted", "accept")
        assert (newest["actor_id"], newest["actor_name"], newest["op_id"]) == (OMAR.user_id, "Omar", verdict.op_id)
        line = system_lines(desk)[-1]
        assert line["message"].startswith("✅ Your booking has been accepted by our team")
        assert (line["sender_type"], line["sender_id"]) == ("system", None)
        assert len(desk.batches[-1].changes) == 3


@pytest.mark.parametrize(("workflow_name", "transition"), STEPS)
def test_that_every_step_of_every_business_posts_exactly_one_line_in_the_customers_language(
    tmp_path: Path, workflow_name: str, transition: str
) -> None:
    workflow = WORKFLOWS[workflow_name]
    step = workflow.transitions[transition]
    values = dict.fromkeys(step.ask, "لأن")
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA, workflow=workflow_name, lang="ar")
        desk.write(lambda tx: tx.update_booking(booking_id, {"status": step.start[0], "version": 2}))
        before = len(system_lines(desk))
        service = Actor(new_id(), "service", "Service")
        verdict = desk.do(service, "booking.transition", PressTransition(transition, values), booking_id)
        assert verdict.verdict == "applied", verdict
        (line,) = system_lines(desk)[before:]
        assert line["message"]
        assert line["message"] == in_language(line["texts"], "ar")
        assert set(line["texts"]) == {"en", "ar"}
        assert desk.rows(bookings)[0]["status"] == step.to


def test_that_a_reason_asked_for_reaches_the_message_and_the_history(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        missing = desk.do(OLGA, "booking.transition", PressTransition("cancel"), booking_id)
        assert (missing.code, (missing.current or {})["values"]) == ("value_missing", ["reason"])
        cancel = PressTransition("cancel", {"reason": " Rain {reason} "})
        assert desk.do(OLGA, "booking.transition", cancel, booking_id).verdict == "applied"
        assert "Rain {reason}" in system_lines(desk)[-1]["message"]
        (step,) = desk.rows(status_history, status_history.c.version == 2)
        assert step["reason"].strip() == "Rain {reason}"


def test_that_the_second_of_two_people_hears_who_did_what_when(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        accepted = desk.do(OLGA, "booking.transition", PressTransition("accept"), booking_id)
        declined = desk.do(
            OMAR,
            "booking.transition",
            PressTransition("decline", {"reason": "No team"}),
            booking_id,
            expect=Expect(version=1, status="pending"),
        )
        assert (declined.verdict, declined.code) == ("rejected", "stale")
        current = declined.current or {}
        at = current.pop("at")
        assert at == desk.rows(bookings)[0]["status_since"]
        assert current == {
            "status": "accepted",
            "version": 2,
            "by": OLGA.user_id,
            "by_name": "Olga",
            "transition": "accept",
            "op_id": accepted.op_id,
        }
        assert len(system_lines(desk)) == 2


@pytest.mark.parametrize("expect", [None, Expect(version=1, status="pending"), Expect(version=1)])
def test_that_a_button_already_pressed_by_somebody_else_is_a_noop(tmp_path: Path, expect: Expect | None) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        desk.do(OLGA, "booking.transition", PressTransition("accept"), booking_id)
        told = len(desk.changes())
        verdict = desk.do(OMAR, "booking.transition", PressTransition("accept"), booking_id, expect=expect)
        assert (verdict.verdict, verdict.version, verdict.seq) == ("noop", 2, desk.writer.head)
        assert len(desk.changes()) == told


@pytest.mark.parametrize(
    ("expect", "verdict"),
    [
        (Expect(status="pending"), "applied"),
        (Expect(version=2), "applied"),
        (Expect(version=1), "rejected"),
        (Expect(status="pending", version=1), "applied"),
        (Expect(status="accepted", version=2), "rejected"),
        (Expect(), "applied"),
    ],
)
def test_that_the_status_decides_where_it_is_expected_and_the_version_elsewhere(
    tmp_path: Path, expect: Expect, verdict: str
) -> None:
    """The booking was assigned meanwhile: its version moved, its status did not."""
    with WritingDesk(tmp_path) as desk:
        olga = desk.person("operator")
        booking_id = desk.booking(olga)
        desk.do(olga, "booking.assign", Assign(assignee_id=olga.user_id), booking_id)
        found = desk.do(olga, "booking.transition", PressTransition("accept"), booking_id, expect=expect)
        assert found.verdict == verdict
        assert found.code == (None if verdict == "applied" else "stale")


def test_that_an_impossible_step_says_what_is_possible(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        verdict = desk.do(OLGA, "booking.transition", PressTransition("complete"), booking_id)
        assert verdict.code == "illegal_transition"
        current = verdict.current or {}
        legal = [name for name, _ in buttons(WORKFLOWS["protection"], "pending", "operator")]
        assert current["legal"] == legal
        assert (current["status"], current["version"], current["by"]) == ("pending", 1, OLGA.user_id)
        unknown = desk.do(OLGA, "booking.transition", PressTransition("fly"), booking_id)
        assert (unknown.verdict, unknown.code) == ("rejected", "unknown_transition")


@pytest.mark.parametrize(
    ("status", "verdict", "code"),
    [
        ("accepted", "applied", None),
        ("pending", "noop", None),
        ("completed", "rejected", "illegal_transition"),
        ("flying", "rejected", "unknown_transition"),
        ("cancelled", "rejected", "value_missing"),
    ],
)
def test_that_a_status_set_by_name_is_the_button_that_leads_there(
    tmp_path: Path, status: str, verdict: str, code: str | None
) -> None:
    """B-04."""
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        found = desk.do(OLGA, "booking.set_status", SetStatus(status), booking_id)
        assert (found.verdict, found.code) == (verdict, code)
        assert len(system_lines(desk)) == (2 if verdict == "applied" else 1)


def test_that_the_first_answer_of_an_agent_takes_the_chat(tmp_path: Path) -> None:
    """E-12, E-13."""
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        ava, abe = (desk.person("agent", name, ("support",)) for name in ("Ava", "Abe"))
        booking_id = desk.booking(ann, workflow="support", message="Hello?")
        desk.say(ava, booking_id, "Just looking", kind="note")
        assert desk.rows(bookings)[0]["status"] == "waiting"
        desk.say(ava, booking_id, "How can I help?")
        (booking,) = desk.rows(bookings)
        assert (booking["status"], booking["assignee_id"], booking["assignee_name"]) == ("active", ava.user_id, "Ava")
        assert booking["version"] == 2
        lines = [(row["kind"], row["message"]) for row in desk.rows(messages)][-2:]
        assert lines[0][0] == "system"
        assert "joined" in lines[0][1]
        assert lines[1] == ("text", "How can I help?")
        verdict = desk.do(abe, "message.send", SendMessage("Me too"), booking_id)
        assert (verdict.verdict, verdict.code) == ("rejected", "forbidden")
        desk.say(ava, booking_id, "Anything else?")
        assert desk.rows(bookings)[0]["version"] == 2


def test_that_the_first_answer_does_not_take_a_chat_from_its_agent(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, ava = desk.person("customer", "Ann"), desk.person("agent", "Ava", ("support",))
        booking_id = desk.booking(ann, workflow="support")
        desk.do(OLGA, "booking.assign", Assign(assignee_id=ava.user_id), booking_id)
        desk.say(OLGA, booking_id, "Ava will be with you shortly")
        (booking,) = desk.rows(bookings)
        assert (booking["status"], booking["assignee_id"]) == ("active", ava.user_id)


def test_that_a_whole_day_of_steps_keeps_every_promise_of_the_store(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        for name in ("accept", "deploy", "arrive", "complete"):
            if name in WORKFLOWS["protection"].transitions:
                desk.do(OLGA, "booking.transition", PressTransition(name), booking_id)
        assert [check for check in desk.write(store_checks) if check.problem] == []
        versions = [row["version"] for row in desk.rows(status_history)]
        assert sorted(versions) == list(range(1, len(versions) + 1))
