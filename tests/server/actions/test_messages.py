"""Writing, correcting and removing lines of a conversation."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from contract.actors import Actor
from contract.ids import new_id
from contract.moments import to_text
from contract.operations import (
    MAX_TEXT,
    EditMessage,
    PressTransition,
    RemoveMessage,
    SendMessage,
    SystemMessage,
)
from server.store.tables import messages, removed_messages
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")
ADAM = Actor(new_id(), "admin", "Adam")
MINUTE_MS = 60_000


def test_that_a_line_carries_its_author_as_the_seeds_call_them(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        booking_id = desk.booking(ann)
        said = [desk.say(ann, booking_id, "Hello"), desk.say(OLGA, booking_id, "Hi")]
        rows = [desk.rows(messages, messages.c.id == message_id)[0] for message_id in said]
        assert [(row["sender_type"], row["sender_role"], row["sender_name"]) for row in rows] == [
            ("client", "customer", "Ann"),
            ("operator", "operator", "Olga"),
        ]
        assert rows[0]["position"] < rows[1]["position"]
        assert rows[0]["id"] == rows[0]["op_id"] == said[0]


@pytest.mark.parametrize(
    ("text", "code"), [("", "text_empty"), (" \n\t ", "text_empty"), ("x" * (MAX_TEXT + 1), "text_too_long")]
)
def test_that_empty_and_endless_texts_are_rejected(tmp_path: Path, text: str, code: str) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        message_id = desk.say(OLGA, booking_id, "y" * MAX_TEXT)
        assert desk.do(OLGA, "message.send", SendMessage(text), booking_id).code == code
        assert desk.do(OLGA, "message.edit", EditMessage(message_id, text), booking_id).code == code
        assert desk.do(OLGA, "message.system", SystemMessage(text), booking_id).code == code


def test_that_a_closed_booking_takes_notes_only(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer")
        booking_id = desk.booking(ann)
        desk.do(OLGA, "booking.transition", PressTransition("cancel", {"reason": "x"}), booking_id)
        for author in (ann, OLGA):
            assert desk.do(author, "message.send", SendMessage("Wait"), booking_id).code == "booking_closed"
        desk.say(OLGA, booking_id, "She called to say why", kind="note")
        assert desk.do(OLGA, "message.system", SystemMessage("Your deposit is on its way"), booking_id).code is None


def test_that_an_invoice_needs_its_figures_and_the_right_to_send_it(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ava = desk.person("agent", "Ava", ("support",))
        booking_id = desk.booking(ava, workflow="support")
        invoice = SendMessage("", kind="invoice", invoice={"total": 12.5})
        assert desk.do(ava, "message.send", invoice, booking_id).code == "forbidden"
        assert desk.do(OLGA, "message.send", SendMessage("", kind="invoice"), booking_id).code == "value_missing"
        assert desk.do(OLGA, "message.send", invoice, booking_id).verdict == "applied"
        row = desk.rows(messages)[-1]
        assert (row["has_invoice"], row["invoice_data"], row["kind"]) == (True, {"total": 12.5}, "invoice")


def test_that_an_answer_refers_to_a_line_of_the_same_conversation(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer")
        here, there = desk.booking(ann), desk.booking(ann)
        first, elsewhere = desk.say(ann, here), desk.say(ann, there)
        note = desk.say(OLGA, here, "Careful", kind="note")
        desk.say(OLGA, here, "Answer", reply_to=first)
        assert desk.rows(messages)[-1]["reply_to"] == first
        for wrong in (elsewhere, new_id(), note):
            assert desk.do(ann, "message.send", SendMessage("x", reply_to=wrong), here).code == "message_not_found"


def test_that_ones_own_line_can_be_corrected_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer")
        booking_id = desk.booking(ann)
        message_id = desk.say(ann, booking_id, "Helo")
        assert desk.do(OLGA, "message.edit", EditMessage(message_id, "x"), booking_id).code == "forbidden"
        assert desk.do(ann, "message.edit", EditMessage(message_id, "Helo"), booking_id).verdict == "noop"
        assert desk.do(ann, "message.edit", EditMessage(message_id, "Hello"), booking_id).verdict == "applied"
        row = desk.rows(messages, messages.c.id == message_id)[0]
        assert row["message"] == "Hello"
        assert row["edited_at"] >= row["created_at"]
        for minutes, code in ((14, None), (16, "too_late_to_edit")):
            written = to_text(desk.writer.tx.now_ms - minutes * MINUTE_MS)
            desk.writer.tx.execute(sa.update(messages).where(messages.c.id == message_id).values(created_at=written))
            edit = EditMessage(message_id, f"Hello {minutes}")
            assert desk.do(ann, "message.edit", edit, booking_id).code == code


def test_that_nobody_corrects_what_the_system_said(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        line = desk.rows(messages)[0]["id"]
        assert desk.do(ADAM, "message.edit", EditMessage(line, "x"), booking_id).code == "forbidden"
        assert desk.do(OLGA, "message.remove", RemoveMessage(line), booking_id).code == "forbidden"
        assert desk.do(ADAM, "message.remove", RemoveMessage(line), booking_id).verdict == "applied"


def test_that_a_removed_line_leaves_a_tombstone_and_its_text_apart(tmp_path: Path) -> None:
    """X-14."""
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer")
        booking_id = desk.booking(ann)
        message_id = desk.say(ann, booking_id, "My card number is 4711")
        after = desk.say(ann, booking_id, "Sorry")
        assert desk.do(OLGA, "message.remove", RemoveMessage(message_id), booking_id).code == "forbidden"
        assert desk.do(ann, "message.remove", RemoveMessage(message_id), booking_id).verdict == "applied"
        assert desk.do(ann, "message.remove", RemoveMessage(message_id), booking_id).verdict == "noop"
        row, later = (desk.rows(messages, messages.c.id == each)[0] for each in (message_id, after))
        assert (row["message"], row["deleted_by"]) == ("", ann.user_id)
        assert row["deleted_at"] is not None
        assert row["position"] < later["position"]
        assert b"4711" not in (desk.changes()[-1].row or b"")
        assert [kept["message"] for kept in desk.rows(removed_messages)] == ["My card number is 4711"]
        assert desk.do(ann, "message.edit", EditMessage(message_id, "x"), booking_id).code == "message_not_found"


def test_that_an_admin_may_remove_an_invoice_with_all_that_it_says(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        message_id = desk.say(OLGA, booking_id, "Invoice", kind="invoice", invoice={"total": 4711})
        assert desk.do(ADAM, "message.remove", RemoveMessage(message_id), booking_id).verdict == "applied"
        row = json.loads(desk.changes()[-1].row or b"")
        assert (row["has_invoice"], row["invoice_data"], row["message"], row["kind"]) == (False, None, "", "invoice")
        assert desk.rows(removed_messages)[0]["invoice_data"] == {"total": 4711}


def test_that_a_line_of_another_booking_cannot_be_reached_through_ones_own(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann, bea = desk.person("customer"), desk.person("customer")
        of_ann, of_bea = desk.booking(ann), desk.booking(bea)
        message_id = desk.say(bea, of_bea)
        assert desk.do(ann, "message.remove", RemoveMessage(message_id), of_ann).code == "message_not_found"
        assert desk.do(ann, "message.edit", EditMessage(message_id, "x"), of_ann).code == "message_not_found"


def test_that_a_status_line_written_by_hand_is_nobodys(tmp_path: Path) -> None:
    """B-02."""
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA, lang="ar")
        payload = SystemMessage("الفريق قريب", {"en": "The team is near"})
        assert desk.do(OLGA, "message.system", payload, booking_id).verdict == "applied"
        row = desk.rows(messages)[-1]
        assert (row["sender_type"], row["kind"], row["sender_id"]) == ("system", "system", None)
        assert row["message"] == "الفريق قريب"
        assert row["texts"] == {"ar": "الفريق قريب", "en": "The team is near"}
