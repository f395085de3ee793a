"""Opening a booking: for oneself, for others, with the workflow's welcome."""

import re
from pathlib import Path

import pytest

from contract.actors import Actor
from contract.ids import canonical_code, new_id
from contract.operations import CreateBooking, Operation, write_payload
from server.actions.perform import perform
from server.store.tables import bookings, messages, status_history
from tests.support.writing_desk import WritingDesk, load_workflows

OLGA = Actor(new_id(), "operator", "Olga")


def test_that_a_new_booking_has_its_welcome_its_history_and_its_first_message(tmp_path: Path) -> None:
    """B-14, E-51."""
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann", lang="ar")
        verdict = desk.do(ann, "booking.create", CreateBooking("support", title="Exam", message="مرحبا"))
        assert (verdict.verdict, verdict.version) == ("applied", 1)
        (booking,) = desk.rows(bookings)
        assert verdict.result == {"id": verdict.op_id, "code": booking["code"]}
        assert (booking["status"], booking["department"], booking["lang"]) == ("waiting", "support", "ar")
        assert (booking["customer_id"], booking["customer_name"]) == (ann.user_id, "Ann")
        welcome, first = desk.rows(messages)
        on_create = desk.workflows["support"].on_create
        assert (welcome["kind"], welcome["message"], welcome["texts"]) == ("system", on_create["ar"], on_create)
        assert (first["message"], first["sender_id"]) == ("مرحبا", ann.user_id)
        (step,) = desk.rows(status_history)
        assert (step["version"], step["from_status"], step["to_status"], step["transition"]) == (
            1,
            None,
            "waiting",
            None,
        )


@pytest.mark.parametrize("name", sorted(load_workflows()))
def test_that_a_code_is_the_workflows_prefix_and_unique_within_a_millisecond(tmp_path: Path, name: str) -> None:
    with WritingDesk(tmp_path) as desk:
        asked = [Operation(new_id(), "booking.create", None, write_payload(CreateBooking(name))) for _ in range(5)]
        jobs = [lambda tx, op=op: perform(tx, desk.workflows, OLGA, None, op) for op in asked]
        codes = [verdict.result["code"] for verdict in desk.run(*jobs)]
        assert len(set(codes)) == 5
        prefix = desk.workflows[name].code_prefix
        assert all(canonical_code(code) == code and re.fullmatch(rf"{prefix}\d{{13}}", code) for code in codes)


def test_that_a_code_chosen_at_the_desk_is_kept_and_taken_once(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        payload = CreateBooking("protection", code="req1759286674249")
        assert (desk.do(OLGA, "booking.create", payload).result or {})["code"] == "REQ1759286674249"
        again = desk.do(OLGA, "booking.create", payload)
        assert (again.verdict, again.code) == ("rejected", "code_taken")
        ann = desk.person("customer")
        assert desk.do(ann, "booking.create", CreateBooking("protection", code="REQ4711")).code == "forbidden"


def test_that_a_customer_creates_for_itself_only_and_leaves_the_desks_matters_alone(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, bea = desk.person("customer", "Ann"), desk.person("customer", "Bea")
        for_bea = desk.do(ann, "booking.create", CreateBooking("protection", customer_id=bea.user_id))
        assert for_bea.code == "forbidden"
        desk.do(ann, "booking.create", CreateBooking("protection", priority=1, department="billing"))
        (booking,) = desk.rows(bookings)
        assert (booking["customer_id"], booking["priority"]) == (ann.user_id, 3)
        assert booking["department"] == desk.workflows["protection"].department


def test_that_the_desk_and_the_chatbot_create_for_known_customers_only(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, tom, bot = desk.person("customer", "Ann", lang="ar"), desk.person("technician"), desk.person("chatbot")
        for author in (OLGA, bot):
            booking_id = desk.booking(author, workflow="dental", customer_id=ann.user_id)
            (booking,) = desk.rows(bookings, bookings.c.id == booking_id)
            assert (booking["customer_name"], booking["lang"]) == ("Ann", "ar")
            assert booking["created_by"] == author.user_id
            for wrong in (tom.user_id, new_id(), "nobody"):
                found = desk.do(author, "booking.create", CreateBooking("dental", customer_id=wrong))
                assert (found.verdict, found.code) == ("rejected", "user_not_found")


def test_that_a_caller_without_an_account_gets_a_booking_in_their_name(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.booking(OLGA, customer_name="Mr Smith", customer_phone="+971 50 000")
        (booking,) = desk.rows(bookings)
        assert (booking["customer_id"], booking["customer_name"]) == (None, "Mr Smith")


def test_that_only_somebody_in_the_field_is_taken_as_provider(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, dora = desk.person("customer"), desk.person("dentist")
        assert desk.booking(ann, workflow="dental", provider_id=dora.user_id)
        found = desk.do(ann, "booking.create", CreateBooking("dental", provider_id=ann.user_id))
        assert found.code == "user_not_found"


def test_that_an_unknown_workflow_is_rejected_with_the_known_ones(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        found = desk.do(OLGA, "booking.create", CreateBooking("catering"))
        assert (found.verdict, found.code) == ("rejected", "workflow_not_found")
        assert set((found.current or {})["known"]) == set(desk.workflows)


def test_that_moments_are_stored_in_one_form(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.booking(OLGA, workflow="dental", scheduled_start="2026-11-21T12:00:00+04:00")
        assert desk.rows(bookings)[0]["scheduled_start"] == "2026-11-21T08:00:00.000Z"


def test_that_an_agents_booking_stays_in_its_makers_sight_where_nothing_names_a_department(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        jonas = desk.person("agent", "Jonas", departments=("north",))
        desk.do(jonas, "booking.create", CreateBooking("protection"))
        desk.do(jonas, "booking.create", CreateBooking("support"))
        assert [row["department"] for row in desk.rows(bookings)] == ["north", "support"]
