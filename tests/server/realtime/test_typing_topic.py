"""Typing and who has a booking open, on a real server: seen by those with full sight, gone with their sockets."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.people_made import address
from tests.support.phoenix_client import PhoenixClient, Received
from tests.support.running_server import RunningServer
from tests.support.sync_client import Operator, SyncClient, assign


@pytest.fixture(scope="module")
def people(server: RunningServer) -> Iterator[dict[str, Operator]]:
    made = {name: Operator(server, address(name)) for name in ("ann", "bea", "olga", "oleg", "ava", "abe")}
    yield made
    for person in made.values():
        person.http.close()


def joined(server: RunningServer, person: Operator, topic: str, vsn: str = "2.0.0") -> PhoenixClient:
    client = PhoenixClient(server.url, vsn)
    answer = client.join(topic, {"access_token": person.token})
    assert answer.ok, answer.response
    return client


def track(client: PhoenixClient, topic: str, **state: Any) -> Received:
    return client.ask(topic, "presence", {"type": "presence", "event": "track", "payload": state})


def metas(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [meta for one in found.values() for meta in one["metas"]]


def test_that_typing_is_seen_at_the_other_side_by_id_and_by_code(
    server: RunningServer, people: dict[str, Operator]
) -> None:
    booking = people["ann"].new_booking()
    [row] = people["ann"].http.get(f"/sync/v1/bookings/{booking}").json()["tables"]["bookings"]
    by_id, by_code = f"typing:{booking}", f"typing:{row['code'].lower()}"
    with (
        joined(server, people["ann"], by_code, "1.0.0") as page,
        joined(server, people["olga"], by_id) as desk,
    ):
        assert desk.next("presence_state").payload == page.next("presence_state").payload == {}
        assert track(page, by_code, typing=True).ok
        seen = desk.next("presence_diff")
        assert seen.topic == by_id
        [meta] = metas(seen.payload["joins"])
        assert meta["user_id"] == people["ann"].user_id == next(iter(seen.payload["joins"]))
        assert (meta["name"], meta["side"], meta["role"], meta["typing"]) == (
            "Person ann",
            "customer",
            "customer",
            True,
        )
        assert page.next("presence_diff").topic == by_code
        assert track(page, by_code, typing=True).ok
        assert desk.silent()
        page.ask(by_code, "presence", {"type": "presence", "event": "untrack"})
        assert metas(desk.next("presence_diff").payload["leaves"])[0]["typing"] is True


def test_that_a_customer_learns_that_staff_are_typing_and_not_who_reads_along(
    server: RunningServer, people: dict[str, Operator]
) -> None:
    booking = people["ann"].new_booking()
    topic = f"typing:{booking}"
    with (
        joined(server, people["ann"], topic) as page,
        joined(server, people["olga"], topic) as olga,
        joined(server, people["oleg"], topic) as oleg,
    ):
        page.next("presence_state")
        track(olga, topic, typing=False, viewing=True)
        assert metas(oleg.next("presence_diff").payload["joins"])[0]["viewing"] is True
        assert page.silent()
        track(olga, topic, typing=True, viewing=True)
        [meta] = metas(page.next("presence_diff").payload["joins"])
        assert meta["typing"] is True
        assert "viewing" not in meta
        track(olga, topic, typing=False, viewing=True)
        gone = page.next("presence_diff").payload
        assert (len(metas(gone["leaves"])), gone["joins"]) == (1, {})


def test_that_presence_goes_with_the_socket(server: RunningServer, people: dict[str, Operator]) -> None:
    topic = f"typing:{people['ann'].new_booking()}"
    with joined(server, people["olga"], topic) as desk:
        page = joined(server, people["ann"], topic)
        track(page, topic, typing=True)
        assert metas(desk.next("presence_diff").payload["joins"])
        page.socket.socket.shutdown(2)
        page.close()
        assert metas(desk.next("presence_diff").payload["leaves"])[0]["user_id"] == people["ann"].user_id


def test_that_a_newcomer_is_told_who_is_there(server: RunningServer, people: dict[str, Operator]) -> None:
    topic = f"typing:{people['ann'].new_booking()}"
    with joined(server, people["olga"], topic) as desk:
        track(desk, topic, viewing=True)
        with joined(server, people["oleg"], topic) as other:
            [meta] = metas(other.next("presence_state").payload)
            assert (meta["name"], meta["viewing"], meta["typing"]) == ("Person olga", True, False)


@pytest.mark.parametrize("reference", ["nonsense", "REQ99999", "00000000-0000-7000-8000-000000000000"])
def test_that_nobody_joins_what_is_not_there_or_not_theirs(
    server: RunningServer, people: dict[str, Operator], reference: str
) -> None:
    booking = people["ann"].new_booking()
    with PhoenixClient(server.url) as client:
        for topic in (f"typing:{reference}", f"typing:{booking}"):
            answer = client.join(topic, {"access_token": people["bea"].token})
            assert answer.response["code"] == "booking_not_found"
            assert not track(client, topic, typing=True).ok


def test_that_without_a_token_only_those_known_from_sync_may_join(
    server: RunningServer, people: dict[str, Operator]
) -> None:
    topic = f"typing:{people['ann'].new_booking()}"
    with SyncClient(server, people["ann"].token) as client:
        assert client.join(topic, {}).response["code"] == "unauthorized"
        client.enter()
        assert client.join(topic, {}).ok
        assert client.join(topic, {"access_token": people["olga"].token}).response["code"] == "unauthorized"


def test_that_whoever_loses_sight_of_a_booking_leaves_its_room(
    server: RunningServer, people: dict[str, Operator]
) -> None:
    booking = people["ann"].new_booking("support")
    topic = f"typing:{booking}"
    with joined(server, people["ava"], topic) as ava, joined(server, people["abe"], topic) as abe:
        people["olga"].do(assign(booking, assignee_id=people["ava"].user_id))
        assert abe.next("phx_close").topic == topic
        assert not track(abe, topic, typing=True).ok
        assert track(ava, topic, typing=True).ok
        assert abe.silent(event="presence_diff")


@pytest.mark.parametrize(
    ("event", "payload", "code"),
    [
        ("presence", {"type": "presence", "event": "shout"}, "invalid_payload"),
        ("presence", {"event": "track", "payload": {"typing": "yes"}}, "invalid_payload"),
        ("presence", [], "invalid_payload"),
        ("broadcast", {}, "invalid_payload"),
    ],
)
def test_that_malformed_presence_is_refused(
    server: RunningServer, people: dict[str, Operator], event: str, payload: Any, code: str
) -> None:
    topic = f"typing:{people['ann'].new_booking()}"
    with joined(server, people["ann"], topic) as page:
        assert page.ask(topic, event, payload).response["code"] == code


def test_that_flickering_is_limited(server: RunningServer, people: dict[str, Operator]) -> None:
    topic = f"typing:{people['ann'].new_booking()}"
    with joined(server, people["ann"], topic) as page:
        answers = [track(page, topic, typing=bool(number % 2)) for number in range(14)]
        assert answers[0].ok
        assert answers[-1].response["code"] == "rate_limited"
