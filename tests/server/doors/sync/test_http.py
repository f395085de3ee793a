"""The sync door over HTTP: pages of the feed, one booking, older messages, receipts, workflows, and who asks."""

import gzip
import json

import pytest

from contract.ids import new_id
from tests.support.people_made import address
from tests.support.running_server import RunningServer
from tests.support.sync_client import Operator, SyncClient, assign, message, press

NOBODYS = "01a1feb6-968e-74ed-98a2-ed2c5f7f0bdf"


def test_that_pages_of_the_feed_lead_from_any_cursor_to_the_head(ann: Operator, olga: Operator) -> None:
    cursor, seen = olga.http.get("/sync/v1/me").json()["head"], []
    booking = ann.new_booking()
    for number in range(7):
        ann.do(message(booking, str(number)))
    me = olga.http.get("/sync/v1/me").json()
    while cursor < me["head"]:
        page = olga.http.get(f"/sync/v1/changes?epoch={me['epoch']}&after={cursor}&limit=3").json()
        assert page["from"] == cursor + 1
        assert page["head"] >= page["to"] > cursor
        seen += [item["seq"] for item in page["items"]]
        cursor = page["to"]
    assert seen == sorted(set(seen))
    assert seen[-1] == me["head"]


def test_that_a_page_holds_what_the_asker_may_see_and_covers_the_rest(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    start = olga.http.get("/sync/v1/me").json()["head"]
    with Operator(server, address("bea")) as bea:
        mine, other = ann.new_booking(), bea.new_booking()
        ann.do(message(mine, "mine"))
        bea.do(message(other, "other"))
        olga.do(message(mine, "between us", kind="note"))
    page = ann.http.get(f"/sync/v1/changes?after={start}").json()
    assert {item["booking_id"] for item in page["items"]} == {mine}
    assert [item["row"]["message"] for item in page["items"] if item["table"] == "messages"][-1] == "mine"
    assert (page["from"], page["to"]) == (start + 1, page["head"])


def test_that_a_page_tells_of_sight_gained_and_lost_as_the_socket_does(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    booking = ann.new_booking("support")
    start = olga.http.get("/sync/v1/me").json()["head"]
    with Operator(server, address("ava")) as ava:
        olga.do(assign(booking, department="billing"))
        olga.do(message(booking, "not for support"))
        olga.do(assign(booking, department="support"))
        page = ava.http.get(f"/sync/v1/changes?after={start}").json()
    told = [(item["table"], item["op"]) for item in page["items"]]
    assert told == [("scope", "drop"), ("scope", "add")]


def test_that_what_was_removed_is_not_served_from_the_past(ann: Operator) -> None:
    booking = ann.new_booking()
    start = ann.http.get("/sync/v1/me").json()["head"]
    regretted = message(booking, "my secret")
    ann.do(regretted)
    removal = {"message_id": regretted["op_id"]}
    ann.do({"op_id": new_id(), "kind": "message.remove", "booking_id": booking, "payload": removal})
    assert "my secret" not in ann.http.get(f"/sync/v1/changes?after={start}").text
    assert "my secret" not in ann.http.get(f"/sync/v1/bookings/{booking}").text


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        (f"epoch={NOBODYS}&after=0", 409, "epoch_changed"),
        ("after=0", 410, "behind_floor"),  # before the asker's own profile: what is in sight hangs on it
        ("after=99999999", 410, "behind_floor"),
        ("after=-1", 410, "behind_floor"),
        ("after=x", 422, "invalid_payload"),
        ("after=1&limit=lots", 422, "invalid_payload"),
    ],
)
def test_that_a_page_that_cannot_be_had_is_refused_exactly(ann: Operator, query: str, status: int, code: str) -> None:
    answer = ann.http.get(f"/sync/v1/changes?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_that_long_pages_are_packed_for_those_who_can_unpack(ann: Operator, olga: Operator) -> None:
    path = f"/sync/v1/changes?after={olga.http.get('/sync/v1/me').json()['head']}"
    booking = ann.new_booking()
    ann.post_ops(*[message(booking, "packed " * 50) for _ in range(40)])
    with olga.http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
    plain = olga.http.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert json.loads(gzip.decompress(raw))["to"] == plain.json()["to"]
    assert len(raw) < len(plain.content) / 4


def test_that_one_booking_is_given_whole_by_id_and_by_code(ann: Operator, olga: Operator) -> None:
    booking = ann.new_booking()
    ann.do(message(booking, "hello"))
    olga.do(press(booking, "accept"))
    by_id = ann.http.get(f"/sync/v1/bookings/{booking}").json()
    [row] = by_id["tables"]["bookings"]
    assert ann.http.get(f"/sync/v1/bookings/{row['code'].lower()}").json() == by_id
    assert row["status"] == "accepted"
    assert [one["kind"] for one in by_id["tables"]["messages"]] == ["system", "text", "system"]
    assert [step["to_status"] for step in by_id["tables"]["status_history"]] == ["pending", "accepted"]
    assert {person["id"] for person in by_id["tables"]["profiles"]} == {ann.user_id}
    assert by_id["seq"] == ann.http.get("/sync/v1/me").json()["head"]
    assert by_id["more"] is False


@pytest.mark.parametrize("reference", ["nonsense", "REQ99999", "00000000-0000-7000-8000-000000000000", "%2e%2e", "1"])
def test_that_a_booking_that_is_not_there_and_one_of_others_answer_alike(
    server: RunningServer, ann: Operator, reference: str
) -> None:
    with Operator(server, address("bea")) as bea:
        foreign = ann.new_booking()
        for path in (f"/sync/v1/bookings/{reference}", f"/sync/v1/bookings/{foreign}"):
            for more in ("", "/messages"):
                answer = bea.http.get(path + more)
                assert (answer.status_code, answer.json()["code"]) == (404, "booking_not_found")


def test_that_older_messages_come_page_by_page_oldest_first(ann: Operator) -> None:
    booking = ann.new_booking()
    ann.post_ops(*[message(booking, str(number)) for number in range(12)])
    newest = ann.http.get(f"/sync/v1/bookings/{booking}/messages?limit=5").json()
    assert [row["message"] for row in newest["rows"]] == ["7", "8", "9", "10", "11"]
    assert newest["more"] is True
    before = newest["rows"][0]["position"]
    older = ann.http.get(f"/sync/v1/bookings/{booking}/messages?limit=50&before={before}").json()
    assert [row["message"] for row in older["rows"]][1:] == [str(number) for number in range(7)]
    assert older["more"] is False


def test_that_a_client_without_a_socket_can_say_what_it_has_and_has_read(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    booking = ann.new_booking()
    with SyncClient(server, ann.token) as page:
        page.enter_now()
        verdict = ann.do(message(booking, "by polling"))
        [item] = page.take(table="messages")
        position = item["row"]["position"]
        answer = olga.http.post("/sync/v1/receipts", json={"device_id": "p", "cursor": verdict["seq"]})
        assert answer.json()["head"] >= verdict["seq"]
        receipt = page.receipt_of(booking)
        assert (receipt["delivered_position"], receipt["read_position"]) == (position, 0)
        read = [{"booking_id": booking, "position": position}]
        olga.http.post("/sync/v1/receipts", json={"device_id": "p", "read": read})
        assert page.receipt_of(booking)["read_position"] == position


def test_that_the_workflows_are_public_and_sent_once(server: RunningServer) -> None:
    first = server.get("/sync/v1/workflows")
    assert {"protection", "techcare", "dental", "support"} <= set(first.json()["workflows"])
    assert first.json()["workflows"]["protection"]["transitions"]["accept"]["from"] == ["pending"]
    again = server.get("/sync/v1/workflows", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["me", "changes", "snapshot", "bookings/x", "bookings/x/messages"])
def test_that_nobody_gets_anything_without_a_token(server: RunningServer, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = server.get(f"/sync/v1/{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
