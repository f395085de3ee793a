"""Joins, leaves, heartbeats and errors, as Phoenix does them."""

import contextlib

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.people_made import address, make_people
from tests.support.phoenix_client import PhoenixClient
from tests.support.running_server import RunningServer, running_server


def join_sync(server: RunningServer, client: PhoenixClient, name: str = "ann") -> None:
    token = server.sign_in(address(name))["access_token"]
    assert client.join("sync", {"device_id": "d", "access_token": token}).ok


@pytest.mark.parametrize("topic", ["nowhere", "sync:1", "typing", "typing:", "phoenix", ""])
def test_that_joining_an_unknown_topic_is_an_error(server: RunningServer, topic: str) -> None:
    with PhoenixClient(server.url) as client:
        answer = client.join(topic, {})
        assert answer.payload == {"status": "error", "response": {"reason": "unmatched topic"}}


@pytest.mark.parametrize("topic", ["sync", "nowhere", "typing:REQ1759286674249"])
def test_that_an_event_on_a_topic_not_joined_is_an_error(server: RunningServer, topic: str) -> None:
    with PhoenixClient(server.url) as client:
        answer = client.ask(topic, "ops", {})
        assert answer.payload == {"status": "error", "response": {"reason": "unmatched topic"}}


def test_that_leaving_what_was_never_joined_is_fine(server: RunningServer) -> None:
    with PhoenixClient(server.url) as client:
        assert client.ask("sync", "phx_leave", {}).ok


def test_that_leaving_is_answered_and_then_closed_and_ends_the_membership(server: RunningServer) -> None:
    with PhoenixClient(server.url) as client:
        join_sync(server, client)
        left = client.ask("sync", "phx_leave", {})
        closed = client.next("phx_close")
        assert left.ok
        assert (closed.join_ref, closed.ref, closed.payload) == ("1", "1", {})
        assert not client.ask("sync", "ops", {"device_id": "d", "ops": []}).ok


def test_that_joining_again_closes_the_old_membership_by_its_own_join_ref(server: RunningServer) -> None:
    with PhoenixClient(server.url) as client:
        join_sync(server, client)
        token = server.sign_in(address("ann"))["access_token"]
        ref = client.send("sync", "phx_join", {"device_id": "d", "access_token": token})
        closed = client.next("phx_close")
        answer = client.next("phx_reply", ref=ref)
        assert (closed.join_ref, closed.ref) == ("1", "1")
        assert answer.ok
        assert answer.join_ref == ref
        assert client.ask("sync", "ops", {"device_id": "d", "ops": []}).ok


def test_that_a_heartbeat_tells_where_the_feed_is_once_sync_is_joined(server: RunningServer) -> None:
    with PhoenixClient(server.url) as client:
        assert client.heartbeat() == {}
        join_sync(server, client)
        beat = client.heartbeat()
        assert set(beat) == {"head", "sent", "server_ts"}
        assert beat["head"] >= beat["sent"]


def test_that_phoenix_answers_nothing_but_heartbeats(server: RunningServer) -> None:
    with PhoenixClient(server.url) as client:
        assert not client.ask("phoenix", "phx_join", {}).ok


def test_that_an_unknown_event_is_refused_with_the_known_ones(server: RunningServer) -> None:
    with PhoenixClient(server.url) as client:
        join_sync(server, client)
        answer = client.ask("sync", "shout", {})
        assert answer.response["code"] == "invalid_payload"
        assert "ops" in answer.response["details"]["known"]


def test_that_a_socket_may_join_only_so_many_topics(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("few")
    make_people(folder, {"olga": ("operator", ())})
    with running_server(folder, env={"FIELDLINE_MAX_TOPICS": "2"}) as server, PhoenixClient(server.url) as client:
        http = server.client(address("olga"))
        bookings = [server.create_booking(http, customer_name="Ann") for _ in range(2)]
        http.close()
        join_sync(server, client, "olga")
        assert client.join(f"typing:{bookings[0]}", {}).ok
        answer = client.join(f"typing:{bookings[1]}", {})
        assert (answer.response["code"], answer.response["details"]) == ("rate_limited", {"topics": 2})
        client.ask(f"typing:{bookings[0]}", "phx_leave", {})
        assert client.join(f"typing:{bookings[1]}", {}).ok


def test_that_too_many_frames_are_refused_with_a_time_to_wait_and_then_end_the_socket(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with (
        running_server(tmp_path_factory.mktemp("slow"), env={"FIELDLINE_FRAMES_PER_SECOND": "5"}) as server,
        PhoenixClient(server.url) as bystander,
        PhoenixClient(server.url) as client,
    ):
        for _ in range(10):
            assert client.heartbeat() == {}
        refused = client.ask("phoenix", "heartbeat", {})
        assert not refused.ok
        assert refused.response["code"] == "rate_limited"
        assert 0 < refused.response["details"]["retry_after_ms"] <= 200
        with contextlib.suppress(ConnectionClosed):  # the end may come before all are sent
            for _ in range(400):
                client.send("phoenix", "heartbeat", {})
        assert client.closing().code == 1008
        assert bystander.heartbeat() == {}


def test_that_too_many_joins_are_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("joins")
    make_people(folder, {"ann": ("customer", ())})
    with running_server(folder, env={"FIELDLINE_JOINS_PER_SECOND": "2"}) as server, PhoenixClient(server.url) as client:
        token = server.sign_in(address("ann"))["access_token"]
        answers = [client.join("sync", {"device_id": "d", "access_token": token}) for _ in range(6)]
        assert [answer.ok for answer in answers[:4]] == [True] * 4
        assert answers[-1].response["code"] == "rate_limited"
