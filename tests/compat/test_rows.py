"""Rows through unmodified clients: `from(...)` as the seeds' apps write it."""

from typing import Any

import pytest

from contract.ids import new_id
from tests.compat.app import App
from tests.compat.conftest import Desk


@pytest.mark.feature("Rows: select with `eq`, order, limit, renamed columns, count")
def test_that_an_app_reads_its_conversation_newest_first_and_counted(app: App, desk: Desk) -> None:
    booking, code = desk.open_booking()
    for text in ("one", "two", "three"):
        desk.say(booking, text)
    found = app.rows(
        ["from", "messages"], ["select", "message,sent:created_at", {"count": "exact"}], ["eq", "booking_id", code],
        ["eq", "kind", "text"], ["order", "position", {"ascending": False}], ["limit", 2],
    )  # fmt: skip
    assert found["error"] is None
    assert [row["message"] for row in found["data"]] == ["three", "two"]
    assert set(found["data"][0]) == {"message", "sent"}
    assert found["count"] == 3


@pytest.mark.feature("Rows: `in`, `like`, `is`, `or`, `gte`, range")
def test_that_conditions_narrow_and_ranges_page(app: App, desk: Desk) -> None:
    booking, _ = desk.open_booking()
    for text in ("red", "green", "blue", "red and blue"):
        desk.say(booking, text)
    mine: list[list[Any]] = [
        ["from", "messages"],
        ["select", "message"],
        ["eq", "booking_id", booking],
        ["is", "deleted_at", None],
    ]

    def texts(*more: list[Any]) -> list[str]:
        found = app.rows(*mine, *more, ["order", "position"])
        assert found["error"] is None, found
        return [row["message"] for row in found["data"]]

    assert texts(["in", "message", ["red", "blue"]]) == ["red", "blue"]
    assert texts(["like", "message", "red%"]) == ["red", "red and blue"]
    assert texts(["or", "message.eq.green,message.eq.blue"]) == ["green", "blue"]
    assert texts(["eq", "kind", "text"], ["gte", "position", 1], ["range", 1, 2]) == ["green", "blue"]


@pytest.mark.feature("Rows: embedded rows, `single`")
def test_that_one_booking_comes_with_its_messages_inside(app: App, desk: Desk) -> None:
    booking, code = desk.open_booking()
    desk.say(booking, "within")
    found = app.rows(["from", "bookings"], ["select", "code,status,messages(message,kind)"], ["eq", "id", booking],
                     ["single"])  # fmt: skip
    assert (found["data"]["code"], found["data"]["status"]) == (code, "pending")
    assert {"message": "within", "kind": "text"} in found["data"]["messages"]


@pytest.mark.feature("Rows: nothing of anybody else's; `maybeSingle`")
def test_that_nothing_of_anybody_elses_is_found_and_maybe_single_bears_with_it(app: App, desk: Desk) -> None:
    theirs = [["from", "bookings"], ["select", "*"], ["eq", "id", desk.theirs]]
    assert app.rows(*theirs)["data"] == []
    none = app.rows(*theirs, ["maybeSingle"])
    assert (none["data"], none["error"]) == (None, None)
    assert app.rows(*theirs, ["single"])["error"]["code"] == "PGRST116"


@pytest.mark.feature("Rows: insert, and the same once more")
def test_that_a_message_inserted_is_sent_and_comes_back_as_a_row(app: App, desk: Desk) -> None:
    booking, _ = desk.open_booking()
    row = {"id": new_id(), "booking_id": booking, "message": "Hello from client", "sender_type": "operator"}
    sent = app.rows(["from", "messages"], ["insert", row], ["select"], ["single"])
    assert sent["error"] is None
    assert (sent["data"]["id"], sent["data"]["message"]) == (row["id"], "Hello from client")
    assert sent["data"]["sender_role"] == "customer", "who sent it is the token's to say"
    assert app.rows(["from", "messages"], ["insert", row])["error"] is None
    head = {"count": "exact", "head": True}
    assert app.rows(["from", "messages"], ["select", "*", head], ["eq", "id", row["id"]])["count"] == 1


@pytest.mark.feature("Rows: upsert")
def test_that_an_upsert_sends_what_is_new_and_changes_what_is_not(app: App, desk: Desk) -> None:
    booking, _ = desk.open_booking()
    row = {"id": new_id(), "booking_id": booking, "message": "as it was"}
    for text in ("as it was", "as it is"):
        done = app.rows(["from", "messages"], ["upsert", row | {"message": text}], ["select"])
        assert [one["message"] for one in done["data"]] == [text]


@pytest.mark.feature("Rows: update and delete")
def test_that_a_message_is_edited_and_removed_as_rows_are(app: App, desk: Desk) -> None:
    booking, _ = desk.open_booking()
    row = {"id": new_id(), "booking_id": booking, "content": "first words"}
    app.rows(["from", "messages"], ["insert", [row]])
    edited = app.rows(
        ["from", "messages"], ["update", {"message": "better words"}], ["eq", "id", row["id"]], ["select"]
    )
    assert [one["message"] for one in edited["data"]] == ["better words"]
    assert app.rows(["from", "messages"], ["delete"], ["eq", "id", row["id"]])["error"] is None
    [gone] = app.rows(["from", "messages"], ["select"], ["eq", "id", row["id"]])["data"]
    assert gone["deleted_at"] is not None and "better" not in gone["message"]


@pytest.mark.feature("Rows: a status set by those who may, which posts its system message")
def test_that_a_status_is_set_by_those_who_may_and_posts_its_system_message(app: App, desk: Desk) -> None:
    booking, _ = desk.open_booking()
    refused = app.rows(["from", "bookings"], ["update", {"status": "accepted"}], ["eq", "id", booking])
    assert refused["error"] is not None
    with desk.staff_app(app.client) as staff:
        done = staff.rows(["from", "bookings"], ["update", {"status": "accepted"}], ["eq", "id", booking], ["select"])
        assert [row["status"] for row in done["data"]] == ["accepted"]
    lines = app.rows(
        ["from", "messages"], ["select", "message"], ["eq", "booking_id", booking], ["eq", "kind", "system"]
    )
    assert any(line["message"].startswith("✅ Your booking has been accepted by our team") for line in lines["data"])


@pytest.mark.feature("Rows: what cannot be asked says so, in PostgREST's codes")
def test_that_what_cannot_be_asked_says_so(app: App) -> None:
    assert app.rows(["from", "accounts"], ["select", "*"])["error"]["code"] == "PGRST205"
    assert app.rows(["from", "messages"], ["select", "password_hash"])["error"]["code"] == "PGRST100"
    assert app.rows(["from", "messages"], ["insert", {"nonsense": 1}])["error"]["code"] == "PGRST204"
    assert app.rows(["rpc", "drop_everything", {}])["error"]["code"] == "PGRST202"


@pytest.mark.feature("Rows: `rpc` of a published function")
def test_that_a_published_function_marks_a_conversation_read(app: App, desk: Desk) -> None:
    booking, _ = desk.open_booking()
    desk.say(booking, "read me")
    [row] = app.rows(
        ["from", "messages"], ["select", "position"], ["eq", "booking_id", booking], ["eq", "message", "read me"]
    )["data"]
    assert app.rows(["rpc", "mark_read", {"booking_id": booking, "position": row["position"]}])["data"] is True
