"""Topic `sync`: who may join, where the feed continues, and that it has no gap."""

import time

import pytest

from contract.ids import new_id
from server.access.signing_key import SigningKey
from server.access.tokens import TokenIssuer
from tests.support.people_made import address
from tests.support.running_server import RunningServer
from tests.support.sync_client import Operator, SyncClient, assign, message


def test_that_a_join_says_who_joined_and_where_the_feed_stands(server: RunningServer, ann: Operator) -> None:
    with SyncClient(server, ann.token) as client:
        reply = client.enter()
        me = ann.http.get("/sync/v1/me").json()
    assert reply["mode"] == "snapshot"
    assert (reply["epoch"], reply["user"]) == (me["epoch"], me["user"])
    assert reply["user"] == {
        "id": ann.user_id, "name": "Person ann", "role": "customer", "lang": "en", "departments": [], "side": "customer"
    }  # fmt: skip
    assert abs(reply["server_ts"] - time.time() * 1000) < 5_000


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_that_a_bad_token_does_not_join(server: RunningServer, token: str) -> None:
    with SyncClient(server, token) as client:
        answer = client.join("sync", {"device_id": "d", "access_token": token})
        assert answer.response["code"] == "unauthorized"
        assert not client.ops().ok


def test_that_the_anon_key_does_not_join(server: RunningServer) -> None:
    key = TokenIssuer(SigningKey.at(server.data_dir)).anon_key()
    with SyncClient(server, key) as client:
        assert client.join("sync", {"device_id": "d", "access_token": key}).response["code"] == "unauthorized"


@pytest.mark.parametrize("payload", [{}, [], {"device_id": 1, "access_token": "x"}, "text", None])
def test_that_a_malformed_join_is_refused_with_a_reason(server: RunningServer, payload: object) -> None:
    with SyncClient(server, "") as client:
        answer = client.join("sync", payload)
        assert answer.response["code"] == "invalid_payload"
        assert client.heartbeat() == {}


def test_that_one_socket_is_one_persons(server: RunningServer, ann: Operator, olga: Operator) -> None:
    with SyncClient(server, ann.token) as client:
        client.enter()
        assert client.join("sync", {"device_id": "d", "access_token": olga.token}).response["code"] == "unauthorized"


def test_that_a_short_gap_is_closed_on_the_socket(server: RunningServer, ann: Operator, olga: Operator) -> None:
    booking = ann.new_booking()
    with SyncClient(server, ann.token) as client:
        reply = client.enter_now()
    for text in ("one", "two", "three"):
        olga.do(message(booking, text))
    with SyncClient(server, ann.token) as client:
        assert client.enter(reply["epoch"], reply["head"])["mode"] == "delta"
        texts = [item["row"]["message"] for item in client.items if item["table"] == "messages"]
        assert [text for text in texts if text in ("one", "two", "three")] == ["one", "two", "three"]
        assert client.cursor == client.beat()["head"]


def test_that_another_epoch_an_impossible_cursor_and_none_at_all_lead_to_a_snapshot(
    server: RunningServer, ann: Operator
) -> None:
    with SyncClient(server, ann.token) as client:
        reply = client.enter()
        assert client.enter(new_id(), reply["head"])["mode"] == "snapshot"
        assert client.enter(reply["epoch"], reply["head"] + 1)["mode"] == "snapshot"
        assert client.enter(reply["epoch"], -1)["mode"] == "snapshot"
        assert client.enter(reply["epoch"], reply["head"])["mode"] == "delta"


def test_that_a_message_reaches_the_other_side_in_both_versions_and_nobody_else(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    booking = ann.new_booking()
    with (
        Operator(server, address("bea")) as bea,
        SyncClient(server, ann.token) as page,
        SyncClient(server, olga.token, "1.0.0") as desk,
        SyncClient(server, bea.token) as stranger,
    ):
        for client in (page, desk, stranger):
            client.enter_now()
        verdict = page.do(message(booking, "Hello from client"))
        [item] = desk.take(table="messages")
        assert item["row"]["message"] == "Hello from client"
        assert item["op_id"] == verdict["op_id"]
        assert item["seq"] == verdict["seq"]
        answer = desk.do(message(booking, "Hello from operator"))
        said = page.take(2, table="messages")
        assert [one["row"]["message"] for one in said] == ["Hello from client", "Hello from operator"]
        assert said[-1]["seq"] == answer["seq"]
        assert stranger.silent()
        beat = stranger.beat()
        assert stranger.cursor == beat["head"] > beat["sent"]


def test_that_customer_and_operator_follow_a_busy_feed_without_a_gap(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    with (
        Operator(server, address("bea")) as bea,
        SyncClient(server, ann.token) as page,
        SyncClient(server, olga.token) as desk,
    ):
        mine, other = ann.new_booking(), bea.new_booking()
        page.enter_now()
        desk.enter_now()
        for number in range(30):
            olga.do(message(other if number % 3 else mine, str(number)))
        page.take(10, table="messages")
        desk.take(30, table="messages")
        beat = page.beat()
        assert desk.cursor == beat["head"]
        assert all(item["booking_id"] == mine for item in page.items if item["table"] == "messages")


def test_that_assigning_adds_a_booking_to_one_agents_sight_and_drops_it_from_the_others(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    booking = ann.new_booking("support")
    with (
        Operator(server, address("ava")) as ava,
        Operator(server, address("abe")) as abe,
        SyncClient(server, ava.token) as one,
        SyncClient(server, abe.token) as other,
    ):
        one.enter_now()
        other.enter_now()
        olga.do(assign(booking, assignee_id=ava.user_id))
        [changed] = other.take(table="scope")
        assert (changed["op"], changed["id"]) == ("add", booking)  # from the whole to the row alone: fetched anew
        assert abe.http.get(f"/sync/v1/bookings/{booking}").json()["tables"]["messages"] == []
        kept = one.take(table="bookings")
        assert kept[0]["row"]["assignee_id"] == ava.user_id
        olga.do(assign(booking, department="billing"))
        [gone] = other.take(table="scope")
        assert (gone["op"], gone["id"]) == ("drop", booking)
        olga.do(assign(booking, department="support"))
        [back] = other.take(table="scope")
        assert (back["op"], back["id"]) == ("add", booking)


def test_that_a_long_gap_is_pulled_page_by_page_while_pushes_go_on(
    server: RunningServer, ann: Operator, olga: Operator
) -> None:
    booking = ann.new_booking()
    with SyncClient(server, olga.token) as desk:
        start = desk.enter_now()
    for _ in range(21):
        assert ann.post_ops(*[message(booking, "long gap") for _ in range(50)]).status_code == 200
    with SyncClient(server, olga.token) as desk:
        reply = desk.enter(start["epoch"], start["head"])
        assert reply["mode"] == "pull"
        ann.do(message(booking, "meanwhile"))
        early = desk.next("changes")
        assert early.payload["from"] > start["head"] + 1
        desk.pull(olga, early.payload["to"])
        texts = [item["row"]["message"] for item in desk.items if item["table"] == "messages"]
        assert texts == ["long gap"] * 1_050 + ["meanwhile"]
        ann.do(message(booking, "live again"))
        assert desk.take(table="messages")[0]["row"]["message"] == "live again"
