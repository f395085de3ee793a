"""The seeds' message addresses as their apps call them: every spelling, retries, pages, tombstones, system lines."""

from typing import Any

import pytest

from contract.ids import new_id
from tests.server.doors.booking_api.rest_desk import Desk

SEED_A = {"id", "booking_id", "sender_type", "sender_id", "message", "created_at", "has_invoice", "invoice_data"}
SEED_B = {"content", "bookingId", "message_type"}
SEED_E = {"sender_role", "sender_name", "is_agent"}


@pytest.mark.parametrize("text", ["message", "content", "text"])
@pytest.mark.parametrize("name", ["bookingId", "booking_id"])
@pytest.mark.parametrize("spelling", ["id", "code"])
def test_that_every_spelling_of_a_message_arrives(desk: Desk, text: str, name: str, spelling: str) -> None:
    booking = desk.booking()
    answer = desk.ann.post("/api/messages", json={name: booking[spelling], text: "Hello from client"})
    row = answer.json()
    assert answer.status_code == 201
    assert set(row) >= SEED_A | SEED_B | SEED_E
    assert (row["message"], row["content"]) == ("Hello from client", "Hello from client")
    assert (row["booking_id"], row["bookingId"]) == (booking["id"], booking["id"])
    assert (row["sender_type"], row["sender_role"], row["is_agent"]) == ("client", "customer", False)
    assert (row["kind"], row["message_type"]) == ("text", "text")
    assert desk.said(desk.olga, booking["code"]) == ["Hello from client"]


@pytest.mark.parametrize("address", ["/api/messages", "/api/operator/messages"])
def test_that_an_operator_writes_and_reads_through_either_address(desk: Desk, address: str) -> None:
    booking = desk.booking()
    row = desk.olga.post(address, json={"bookingId": booking["code"], "message": "Hello from operator"}).json()
    assert (row["sender_type"], row["sender_role"], row["is_agent"]) == ("operator", "operator", True)
    listed = desk.olga.get(address, params={"bookingId": booking["code"]}).json()
    assert listed["messages"][-1] == row
    assert desk.said(desk.ann, booking["id"]) == ["Hello from operator"]


def test_that_nobody_can_claim_to_be_someone_else(desk: Desk) -> None:
    booking = desk.booking()
    claims = {"sender_type": "operator", "sender_id": desk.ids["olga"], "sender_role": "admin", "is_agent": True,
              "created_at": "2001-01-01T00:00:00Z", "sender_name": "Boss", "kind": "system"}  # fmt: skip
    row = desk.ann.post("/api/messages", json={"bookingId": booking["id"], "message": "me"} | claims).json()
    assert (row["sender_id"], row["sender_type"], row["sender_name"]) == (desk.ids["ann"], "client", "Person ann")
    assert (row["kind"], row["is_agent"]) == ("text", False)
    assert row["created_at"] > "2002"


def sent_with(name: str, op_id: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": op_id}} if name == "Idempotency-Key" else {"more": {name: op_id}}


@pytest.mark.parametrize("name", ["id", "op_id", "Idempotency-Key"])
def test_that_a_repeat_answers_the_same_row_and_writes_once(desk: Desk, name: str) -> None:
    booking = desk.booking()
    extra = sent_with(name, new_id())
    body = {"bookingId": booking["id"], "message": "once"} | extra.get("more", {})
    tries = [desk.ann.post("/api/messages", json=body, headers=extra.get("headers")) for _ in range(3)]
    assert {answer.status_code for answer in tries} == {201}
    assert tries[0].json() == tries[1].json() == tries[2].json()
    assert desk.said(desk.ann, booking["id"]) == ["once"]


def test_that_a_key_of_any_text_is_its_senders_own(desk: Desk) -> None:
    booking = desk.booking()
    body, key = {"bookingId": booking["id"], "message": "mine"}, {"Idempotency-Key": "click 17"}
    first = desk.ann.post("/api/messages", json=body, headers=key).json()
    other = desk.olga.post("/api/messages", json=body, headers=key).json()
    again = desk.ann.post("/api/messages", json=body, headers=key).json()
    assert first == again
    assert first["id"] != other["id"]


def test_that_an_id_used_for_something_else_is_refused(desk: Desk) -> None:
    booking = desk.booking()
    body = {"bookingId": booking["id"], "id": new_id()}
    desk.ann.post("/api/messages", json=body | {"message": "first"})
    answer = desk.ann.post("/api/messages", json=body | {"message": "second"})
    assert (answer.status_code, answer.json()["code"]) == (422, "op_id_reuse")
    assert desk.said(desk.ann, booking["id"]) == ["first"]


def test_that_without_an_id_each_post_is_a_new_message(desk: Desk) -> None:
    booking = desk.booking()
    body = {"bookingId": booking["id"], "message": "ding"}
    ids = {desk.ann.post("/api/messages", json=body).json()["id"] for _ in range(3)}
    assert len(ids) == 3


def test_that_pages_of_a_conversation_join_without_gap_or_repeat(desk: Desk) -> None:
    booking = desk.booking()
    texts = [f"line {number}" for number in range(25)]
    for text in texts:
        desk.ann.post("/api/messages", json={"bookingId": booking["id"], "message": text})

    def page(**asked: Any) -> tuple[list[Any], bool]:
        answer = desk.olga.get("/api/messages", params={"bookingId": booking["id"]} | asked).json()
        return answer["messages"], answer["more"]

    newest, more = page(limit=10)
    assert ([row["message"] for row in newest], more) == (texts[15:], True)
    older, more = page(limit=10, before=newest[0]["position"])
    assert ([row["message"] for row in older], more) == (texts[5:15], True)
    oldest, more = page(limit=10, before=older[0]["id"])
    assert ([row["message"] for row in oldest][1:], more) == (texts[:5], False)
    later, more = page(limit=10, after=older[0]["id"])
    assert ([row["message"] for row in later], more) == (texts[6:16], True)
    assert page(after=newest[-1]["position"]) == ([], False)
    assert len(page()[0]) == 26


def test_that_an_invoice_travels_with_its_figures(desk: Desk) -> None:
    booking = desk.booking()
    invoice = {"total": 1200.5, "currency": "SAR", "lines": [{"what": "Team of two", "hours": 3}]}
    body = {"bookingId": booking["id"], "message": "Your invoice", "has_invoice": True, "invoice_data": invoice}
    desk.olga.post("/api/messages", json=body)
    row = desk.ann.get("/api/messages", params={"bookingId": booking["id"]}).json()["messages"][-1]
    assert (row["has_invoice"], row["invoice_data"], row["message_type"]) == (True, invoice, "invoice")


@pytest.mark.parametrize("way", ["query", "messageId", "body", "body messageId"])
def test_that_a_removed_message_leaves_a_tombstone_where_it_was(desk: Desk, way: str) -> None:
    booking = desk.booking()
    rows = [desk.ann.post("/api/messages", json={"bookingId": booking["id"], "message": text}).json()
            for text in ("one", "two", "three")]  # fmt: skip
    name = "messageId" if "messageId" in way else "id"
    given: dict[str, Any] = {"json": {name: rows[1]["id"]}} if "body" in way else {"params": {name: rows[1]["id"]}}
    gone = desk.ann.request("DELETE", "/api/messages", **given)
    assert gone.status_code == 200
    assert (gone.json()["message"], gone.json()["content"]) == ("", "")
    assert (gone.json()["deleted_by"], gone.json()["position"]) == (desk.ids["ann"], rows[1]["position"])
    assert gone.json()["deleted_at"]
    assert desk.said(desk.olga, booking["id"]) == ["one", "", "three"]
    head = desk.head()
    again = desk.ann.request("DELETE", "/api/messages", **given)
    assert (again.status_code, again.json(), desk.head()) == (200, gone.json(), head)


def test_that_the_desk_writes_system_lines_that_both_sides_see(desk: Desk) -> None:
    booking = desk.booking()
    body = {"bookingId": booking["code"], "content": "Our team is delayed by the storm."}
    row = desk.olga.post("/api/messages/system", json=body).json()
    assert (row["sender_type"], row["message_type"], row["is_agent"]) == ("system", "system", False)
    assert desk.said(desk.ann, booking["id"]) == desk.said(desk.olga, booking["id"]) == [body["content"]]


def test_that_arabic_and_emoji_come_back_as_sent(desk: Desk) -> None:
    booking = desk.booking()
    text = 'مرحبا 👋🏽 <b>&amp;</b> "quotes" \\ \u202e \u0000 end'
    desk.ann.post("/api/messages", json={"bookingId": booking["id"], "message": text})
    assert desk.said(desk.olga, booking["id"]) == [text]
