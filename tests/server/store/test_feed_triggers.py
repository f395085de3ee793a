"""Every change of a published table reaches the feed, whoever made it."""

import json
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from contract.actors import Actor
from contract.ids import is_id, new_id
from contract.operations import EditMessage, PressTransition
from contract.workflow import in_language
from server.store.feed import BookingFacts
from server.store.status_texts import write_status_texts
from server.store.tables import PUBLISHED, bookings, changes, messages, profiles, status_history
from tests.support.engines import at_a_prompt
from tests.support.writing_desk import WritingDesk

OLGA = Actor(new_id(), "operator", "Olga")


def by_hand(desk: WritingDesk, *statements: str) -> None:
    """Another program; on SQLite the interpreter's own library, with nothing set up for it."""
    if desk.settings.url is not None:
        desk.by_hand(*statements)
        return
    with sqlite3.connect(desk.settings.database) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    desk.batches += desk.writer.foreign_batch()


def test_that_a_row_travels_whole_with_booleans_and_json_as_such(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA, fields={"guests": 3, "names": ["Ann", "عمر"]}, customer_name='Ann "A"')
        desk.say(OLGA, booking_id, "Your invoice", kind="invoice", invoice={"total": 12.5, "paid": False})
        rows = [json.loads(change.row or b"") for change in desk.changes()]
    assert rows[0]["fields"] == {"guests": 3, "names": ["Ann", "عمر"]}
    assert rows[0]["customer_name"] == 'Ann "A"'
    assert set(rows[0]) == {column.name for column in bookings.c}
    assert rows[-1]["has_invoice"] is True
    assert rows[-1]["invoice_data"] == {"total": 12.5, "paid": False}
    assert rows[-1]["texts"] is None


def test_that_a_change_carries_the_operation_only_where_it_wrote_the_row(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        verdict = desk.do(OLGA, "booking.transition", PressTransition("accept"), booking_id)
        assert [change.op_id for change in desk.batches[-1].changes] == [verdict.op_id] * 3
        by_hand(desk, "UPDATE bookings SET title='changed by hand'")
        assert [(change.op, change.op_id) for change in desk.batches[-1].changes] == [("update", None)]


def test_that_an_update_that_changes_nothing_is_not_told(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.booking(OLGA)
        told = len(desk.changes())
        by_hand(desk, "UPDATE bookings SET title=title, status=status", "UPDATE messages SET message=message")
        assert len(desk.changes()) == told


def test_that_old_and_new_row_travel_with_updates_and_deletes(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        message_id = desk.say(OLGA, booking_id, "First")
        desk.do(OLGA, "message.edit", EditMessage(message_id, "Second"), booking_id)
        by_hand(desk, f"DELETE FROM messages WHERE id='{message_id}'")
        edited, deleted = desk.changes()[-2:]
    assert json.loads(edited.old or b"")["message"] == "First"
    assert json.loads(edited.row or b"")["message"] == "Second"
    assert (deleted.op, deleted.row, deleted.row_id) == ("delete", None, message_id)
    assert json.loads(deleted.old or b"")["message"] == "Second"


@pytest.mark.sqlite
def test_that_replacing_a_row_by_hand_tells_of_the_row_that_went(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        ann = desk.person("customer", "Ann")
        told = len(desk.changes())
        desk.write(
            lambda tx: tx.execute(
                sa.insert(profiles).prefix_with("OR REPLACE").values(id=ann.user_id, name="Anna", role="customer")
            )
        )
        assert [change.op for change in desk.changes()[told:]] == ["delete", "insert"]


def test_that_a_status_changed_at_a_sql_prompt_is_as_complete_as_a_button_pressed(tmp_path: Path) -> None:
    """C-33, B-03: version, history and system message, which a hand would forget."""
    with WritingDesk(tmp_path) as desk:
        desk.write(lambda tx: write_status_texts(tx, desk.workflows))
        booking_id = desk.booking(OLGA, lang="ar")
        by_hand(desk, f"UPDATE bookings SET status='accepted' WHERE id='{booking_id}'")
        (booking,) = desk.rows(bookings)
        history = desk.rows(status_history, status_history.c.version == 2)
        message = desk.rows(messages)[-1]
        told = [(change.table, change.op, change.op_id) for change in desk.batches[-1].changes]
        first = desk.batches[-1].changes[0]
    assert (booking["status"], booking["version"]) == ("accepted", 2)
    assert booking["status_since"] > booking["created_at"]
    assert [(row["from_status"], row["to_status"], row["op_id"]) for row in history] == [("pending", "accepted", None)]
    label = desk.workflows["protection"].statuses["accepted"].label
    assert message["kind"] == message["sender_type"] == "system"
    assert label["ar"] in message["message"]
    assert label["en"] in in_language(message["texts"], "en")
    assert is_id(message["id"])
    assert told == [
        ("bookings", "update", None),
        ("bookings", "update", None),
        ("status_history", "insert", None),
        ("messages", "insert", None),
    ]
    assert isinstance(first.before, BookingFacts)
    assert isinstance(first.after, BookingFacts)
    assert (first.before.status, first.after.status) == ("pending", "accepted")


def test_that_a_status_without_a_known_label_is_told_by_its_own_name(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.booking(OLGA)
        by_hand(desk, "UPDATE bookings SET status='lost'")
        assert desk.rows(messages)[-1]["message"] == "Status: lost"


def test_that_a_message_written_at_a_sql_prompt_needs_no_more_than_its_text(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        by_hand(desk, f"INSERT INTO messages(booking_id,sender_type,message) VALUES('{booking_id}','operator','Hello')")
        (change,) = desk.batches[-1].changes
        row = json.loads(change.row or b"")
    assert is_id(row["id"])
    assert row["created_at"].endswith("Z")
    assert len(row["created_at"]) == 24


def test_that_a_position_once_used_never_comes_back(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        first = desk.say(OLGA, booking_id)
        (position,) = (row["position"] for row in desk.rows(messages, messages.c.id == first))
        by_hand(desk, f"DELETE FROM messages WHERE id='{first}'")
        second = desk.say(OLGA, booking_id)
        assert desk.rows(messages, messages.c.id == second)[0]["position"] > position


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE changes SET at='2026-01-01T00:00:00.000Z'",
        "DELETE FROM changes WHERE seq=(SELECT max(seq) FROM changes)",
        "DELETE FROM changes WHERE seq=2",
        "DELETE FROM changes",
    ],
)
def test_that_the_feed_cannot_be_rewritten(tmp_path: Path, statement: str) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.booking(OLGA)
        before = desk.rows(changes)
        with pytest.raises(desk.link.integrity_errors, match="feed"):
            at_a_prompt(desk.settings, statement)
        assert desk.rows(changes) == before


def test_that_the_feed_can_be_shortened_from_its_old_end(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.booking(OLGA)
        at_a_prompt(desk.settings, "DELETE FROM changes WHERE seq<=2")
        assert desk.rows(changes)[0]["seq"] == 3


def test_that_text_with_any_character_survives_the_feed(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        booking_id = desk.booking(OLGA)
        text = '"quoted" \\ back / new\nline \t \x01 \u2028 🚗 \U0010ffff مرحبا'
        desk.say(OLGA, booking_id, text)
        assert json.loads(desk.changes()[-1].row or b"")["message"] == text


@pytest.mark.sqlite
def test_that_every_published_table_is_watched_for_all_three_kinds_of_change(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        rows = desk.link.execute("SELECT name FROM sqlite_schema WHERE type='trigger'").fetchall()
    found = {str(row[0]) for row in rows}
    assert {f"{table.name}_{what}" for table in PUBLISHED for what in ("inserted", "updated", "deleted")} <= found


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bookings SET version='many'",
        "UPDATE bookings SET fields='{'",
        "UPDATE messages SET texts='no json'",
        "UPDATE messages SET invoice_data='{'",
        "UPDATE profiles SET departments='support'",
        "UPDATE profiles SET departments='{}'",
    ],
)
def test_that_a_hand_cannot_write_what_no_program_could_read(tmp_path: Path, statement: str) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.person("agent")
        desk.booking(OLGA)
        with pytest.raises((sqlite3.IntegrityError, sqlite3.OperationalError, *desk.link.driver_errors)):
            by_hand(desk, statement)
        assert desk.write(lambda tx: tx.head) == len(desk.changes())


@pytest.mark.sqlite
@pytest.mark.expects_errors
def test_that_a_booking_that_cannot_be_read_is_nobodys_and_stops_nothing(tmp_path: Path) -> None:
    with WritingDesk(tmp_path) as desk:
        desk.booking(OLGA)
        by_hand(desk, "PRAGMA ignore_check_constraints=ON", "UPDATE bookings SET version='many'")
        assert desk.changes()[-1].after is None
        desk.booking(OLGA)
        assert desk.changes()[-1].after is not None
