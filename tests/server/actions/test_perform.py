"""One operation, one verdict, whatever happens around it."""

from pathlib import Path

import msgspec
import pytest

from contract.actors import Actor
from contract.errors import REFUSALS, Refusal
from contract.ids import new_id
from contract.moments import to_ms, to_text
from contract.operations import (
    MAX_TEXT,
    Assign,
    CreateBooking,
    Operation,
    OperationKind,
    Payload,
    PressTransition,
    SendMessage,
    SetStatus,
    write_payload,
)
from server.actions.mark_delivered import mark_delivered
from server.actions.perform import perform
from server.store.tables import bookings, messages, operations, status_history
from tests.support.writing_desk import WritingDesk

NOBODYS = "01a1feb6-968e-74ed-98a2-ed2c5f7f0bdf"

OLGA = Actor(new_id(), "operator", "Olga")
OMAR = Actor(new_id(), "operator", "Omar")


def test_that_the_same_operation_again_gets_the_same_verdict_and_does_nothing(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        op_id = new_id()
        first = desk.do(OLGA, "booking.create", CreateBooking("protection", message="Hello"), op_id=op_id)
        told = len(desk.changes())
        again = desk.do(OLGA, "booking.create", CreateBooking("protection", message="Hello"), op_id=op_id)
        assert again == first
        assert len(desk.changes()) == told
        assert len(desk.rows(bookings)) == 1


def test_that_a_rejection_is_stored_and_repeated_even_when_the_world_has_moved_on(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        op_id = new_id()
        first = desk.do(OLGA, "booking.transition", PressTransition("deploy"), booking_id, op_id=op_id)
        assert (first.verdict, first.code, first.message) == (
            "rejected",
            "illegal_transition",
            REFUSALS["illegal_transition"][1],
        )
        desk.do(OLGA, "booking.transition", PressTransition("accept"), booking_id)
        assert desk.do(OLGA, "booking.transition", PressTransition("deploy"), booking_id, op_id=op_id) == first
        assert desk.rows(bookings)[0]["status"] == "accepted"


def made(desk: WritingDesk, days_ago: int, booking_id: str | None = None, op_id: str = "") -> Operation:
    """A message, or where no booking is named a booking, of so many days ago."""
    at = to_text(to_ms(desk.write(lambda tx: tx.now)) - days_ago * 86_400_000)
    if booking_id is None:
        return Operation(op_id or new_id(), "booking.create", None, write_payload(CreateBooking("chat")), None, at)
    return Operation(op_id or new_id(), "message.send", booking_id, write_payload(SendMessage("Hello")), None, at)


def test_that_what_first_comes_after_a_month_is_rejected_and_what_was_seen_keeps_its_verdict(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        long_ago = to_text(to_ms(desk.write(lambda tx: tx.now)) - 90 * 86_400_000)
        desk.write(lambda tx: tx.update_booking(booking_id, {"created_at": long_ago}))

        def performed(operation: Operation) -> tuple[str, str | None]:
            verdict = desk.write(lambda tx: perform(tx, desk.workflows, OLGA, None, operation))
            return verdict.verdict, verdict.code

        late, seen = made(desk, 31, booking_id), new_id()
        assert performed(made(desk, 29, booking_id, seen)) == ("applied", None)
        assert performed(made(desk, 31, booking_id, seen)) == ("applied", None)
        assert performed(late) == performed(late) == ("rejected", "too_old")
        assert performed(made(desk, 31)) == ("rejected", "too_old")
        assert len(desk.rows(messages, messages.c.kind == "text")) == 1
        # A clock that is wrong by years is no reason to be silenced, and an old date no way to ask what is there.
        assert performed(made(desk, 3_000, booking_id)) == ("applied", None)
        assert performed(made(desk, 31, NOBODYS)) == ("rejected", "booking_not_found")


def test_that_spelling_does_not_make_another_operation_but_meaning_does(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        op_id = new_id()

        def sent(payload: bytes) -> Operation:
            return Operation(op_id, "message.send", booking_id, msgspec.Raw(payload))

        def performed(operation: Operation, actor: Actor = OLGA) -> str:
            return str(desk.write(lambda tx: perform(tx, desk.workflows, actor, None, operation)).verdict)

        assert performed(sent(b'{"text":"Hello","kind":"text"}')) == "applied"
        assert performed(sent(b'{ "kind" : "text", "text" : "Hello" }')) == "applied"
        for other in (
            sent(b'{"text":"Hello!"}'),
            msgspec.structs.replace(sent(b'{"text":"Hello"}'), booking_id="REQ1"),
        ):
            with pytest.raises(Refusal, match="op_id_reuse"):
                performed(other)
        with pytest.raises(Refusal, match="op_id_reuse"):
            performed(sent(b'{"text":"Hello"}'), OMAR)
        assert [row["message"] for row in desk.rows(messages, messages.c.kind == "text")] == ["Hello"]


def test_that_an_operation_of_another_epoch_is_refused_before_anything_else(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        op_id = desk.say(OLGA, booking_id)
        with pytest.raises(Refusal, match="epoch_changed"):
            desk.do(OLGA, "message.send", SendMessage("Hello"), booking_id, op_id=op_id, epoch="another")
        assert desk.do(OLGA, "message.send", SendMessage("Hello"), booking_id, op_id=op_id, epoch=desk.writer.epoch)


@pytest.mark.parametrize(
    "operation",
    [
        Operation("not-an-id", "message.send", "b", msgspec.Raw(b'{"text":"x"}')),
        Operation(new_id().upper(), "message.send", "b", msgspec.Raw(b'{"text":"x"}')),
        Operation(new_id(), "message.send", None, msgspec.Raw(b'{"text":"x"}')),
        Operation(new_id(), "message.send", "b", msgspec.Raw(b'{"text":1}')),
        Operation(new_id(), "message.send", "b", msgspec.Raw(b'{"text":"x","extra":1}')),
        Operation(new_id(), "message.send", "b", msgspec.Raw(b'{"text":"\xff"}')),
        Operation(new_id(), "message.send", "b", msgspec.Raw(b"{")),
        Operation(new_id(), "message.send", "b", msgspec.Raw(b"[" * 100_000)),
        Operation(new_id(), "message.send", "b", msgspec.Raw(b'{"text":"x"}'), None, "yesterday"),
        Operation(new_id(), "booking.create", None, msgspec.Raw(b'{"workflow":"chat","priority":9}')),
        Operation(new_id(), "booking.create", None, msgspec.Raw(b'{"workflow":"chat","code":"my code"}')),
        Operation(new_id(), "booking.create", None, msgspec.Raw(b'{"workflow":"chat","scheduled_start":"soon"}')),
        Operation(new_id(), "booking.create", None, write_payload(CreateBooking("chat", title="x" * 301))),
        Operation(new_id(), "booking.create", None, write_payload(CreateBooking("chat", fields={"x": "y" * 20_000}))),
    ],
)
def test_that_what_no_retry_could_mend_is_refused_and_leaves_nothing(tmp_path: Path, operation: Operation) -> None:
    with WritingDesk(tmp_path) as desk:
        with pytest.raises(Refusal, match="invalid_payload") as refused:
            desk.write(lambda tx: perform(tx, desk.workflows, OLGA, None, operation))
        assert refused.value.details["field"]
        assert desk.rows(operations) == []
        assert desk.changes() == []


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("booking.transition", PressTransition("x" * 101)),
        ("booking.transition", PressTransition("accept", {"x" * 101: "because"})),
        ("booking.set_status", SetStatus("x" * 101)),
        ("booking.assign", Assign(assignee_id="x" * 101)),
        ("booking.assign", Assign(department="x" * 101)),
        ("booking.assign", Assign(department=" ")),
        ("booking.create", CreateBooking("x" * 101)),
    ],
)
def test_that_endless_names_are_refused_and_not_kept(tmp_path: Path, kind: OperationKind, payload: Payload) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        recorded = len(desk.rows(operations))
        with pytest.raises(Refusal, match="invalid_payload"):
            desk.do(OLGA, kind, payload, None if kind == "booking.create" else booking_id)
        assert len(desk.rows(operations)) == recorded


def test_that_an_endless_reason_or_device_is_not_kept_either(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        cancel = PressTransition("cancel", {"reason": "x" * (MAX_TEXT + 1)})
        assert desk.do(OLGA, "booking.transition", cancel, booking_id).code == "text_too_long"
        operation = Operation(new_id(), "message.send", booking_id, write_payload(SendMessage("Hello")))
        with pytest.raises(Refusal, match="invalid_payload"):
            desk.write(lambda tx: perform(tx, desk.workflows, OLGA, "x" * 101, operation))
        with pytest.raises(Refusal, match="invalid_payload"):
            desk.write(lambda tx: mark_delivered(tx, OLGA, "x" * 101, 1))


@pytest.mark.parametrize("named", ["id", "code", "ID", "Code"])
def test_that_a_booking_may_be_named_by_id_or_code_in_any_letter_case(tmp_path: Path, named: str) -> None:
    with WritingDesk(tmp_path) as desk:
        verdict = desk.do(OLGA, "booking.create", CreateBooking("protection", code="REQ1759286674249"))
        assert verdict.result == {"id": verdict.op_id, "code": "REQ1759286674249"}
        name = {
            "id": verdict.op_id,
            "code": "REQ1759286674249",
            "ID": verdict.op_id.upper(),
            "Code": " req1759286674249 ",
        }[named]
        desk.say(OLGA, name)
        assert desk.rows(messages)[-1]["booking_id"] == verdict.op_id
        assert desk.rows(operations)[-1]["booking_id"] == verdict.op_id


@pytest.mark.parametrize("name", [NOBODYS, "REQ1", "REQ99999999", "", "'; DROP TABLE bookings", "é" * 500])
def test_that_an_unknown_booking_is_rejected_as_not_found(tmp_path: Path, name: str) -> None:
    with WritingDesk(tmp_path) as desk:
        verdict = desk.do(OLGA, "message.send", SendMessage("Hello"), name)
        assert (verdict.verdict, verdict.code) == ("rejected", "booking_not_found")


def test_that_every_row_of_an_operation_says_which_it_was(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        verdict = desk.do(OLGA, "booking.create", CreateBooking("support", message="Hello"))
        assert {change.op_id for change in desk.changes()} == {verdict.op_id}
        for table in (bookings, messages, status_history):
            assert {row["op_id"] for row in desk.rows(table)} == {verdict.op_id}
