"""What we add to Supabase's wire: missed changes after a rejoin, and receipts of clients that cannot give any."""

from typing import Any

import pytest

from contract.ids import new_id
from tests.server.doors.supabase.realtime.conftest import Connect, World, change, join, listening
from tests.support.phoenix_client import PhoenixClient
from tests.support.running_server import wait_until

INSERTS = {"event": "INSERT", "table": "messages"}
RESUMING = {"fieldline": {"resume": True}}


def texts(client: PhoenixClient, count: int) -> list[tuple[str, bool]]:
    found = [change(client)["data"] for _ in range(count)]
    return [(one["record"]["message"], one.get("replayed", False)) for one in found]


@pytest.mark.parametrize("asked", [RESUMING, {"broadcast": RESUMING}])
def test_that_what_was_missed_comes_after_the_rejoin_in_order_and_marked(
    world: World, connect: Connect, asked: dict[str, Any]
) -> None:
    name, payload = new_id(), listening(INSERTS, **asked)
    first = connect()
    join(first, name, payload, world.token(world.omar))
    first.close()
    for text in ("one", "two", "three"):
        world.write(world.operator, world.mine, text)
    second = connect()
    join(second, name, payload, world.token(world.omar))
    assert texts(second, 3) == [("one", True), ("two", True), ("three", True)]
    assert report(second)["complete"] is True
    world.write(world.operator, world.mine, "four")
    assert texts(second, 1) == [("four", False)]


def test_that_a_channel_left_on_purpose_is_forgotten_whoever_spoke_on_it_last(world: World, connect: Connect) -> None:
    client, payload = connect(), listening(INSERTS, **RESUMING)
    join(client, "left", payload, world.token(world.omar))
    report(client)
    client.send("realtime:left", "access_token", {"access_token": "sb_publishable_x"})
    assert client.ask("realtime:left", "phx_leave", {}).ok
    join(client, "left", payload, world.token(world.omar))
    assert report(client)["complete"] is False


def test_that_an_app_that_names_what_it_has_gets_just_the_rest(world: World, connect: Connect) -> None:
    first = connect()
    join(first, "a", listening(INSERTS), world.token(world.omar))
    world.write(world.operator, world.mine, "had")
    seq = change(first)["data"]["seq"]
    world.write(world.operator, world.mine, "missed")
    second = connect()
    epoch = world.operator.get(f"/sync/v1/bookings/{world.mine}").json()["epoch"]
    named = listening(INSERTS, fieldline={"resume": {"after": seq, "epoch": epoch}})
    join(second, "a", named, world.token(world.omar))
    assert texts(second, 1) == [("missed", True)]
    told = report(second)
    assert (told["complete"], told["epoch"]) == (True, epoch)


@pytest.mark.parametrize(
    "named", [True, {"after": 1}, {"after": 1, "epoch": "another history"}, {"after": 10**9, "epoch": "EPOCH"}]
)
def test_that_where_nothing_is_known_the_app_is_told_to_read_anew(world: World, connect: Connect, named: Any) -> None:
    """First joins, a database put back from a copy, an app from the future."""
    epoch = world.operator.get(f"/sync/v1/bookings/{world.mine}").json()["epoch"]
    if isinstance(named, dict) and named.get("epoch") == "EPOCH":
        named = named | {"epoch": epoch}
    client = connect()
    join(client, new_id(), listening(INSERTS, fieldline={"resume": named}), world.token(world.omar))
    assert report(client)["complete"] is False
    assert client.silent(event="postgres_changes")


def test_that_both_tabs_of_a_session_are_told_what_they_missed(world: World, connect: Connect) -> None:
    payload = listening(INSERTS, **RESUMING)
    tabs = [connect(), connect()]
    for tab in tabs:
        join(tab, "tabs", payload, world.token(world.omar))
        report(tab)
    for tab in tabs:
        tab.close()
    world.write(world.operator, world.mine, "for both tabs")
    for again in (connect(), connect()):
        join(again, "tabs", payload, world.token(world.omar))
        assert ("for both tabs", True) in texts(again, 1)


def test_that_a_rejoin_before_the_old_socket_is_known_to_be_dead_misses_nothing(world: World, connect: Connect) -> None:
    payload = listening(INSERTS, **RESUMING)
    old, new = connect(), connect()
    join(old, "half-open", payload, world.token(world.omar))
    report(old)
    world.write(world.operator, world.mine, "into the void")
    join(new, "half-open", payload, world.token(world.omar))
    assert texts(new, 1) == [("into the void", True)]


def test_that_a_channel_that_showed_its_token_after_the_join_is_known_again(world: World, connect: Connect) -> None:
    payload = listening(INSERTS, **RESUMING)
    first = connect()
    join(first, "late", payload)
    first.send("realtime:late", "access_token", {"access_token": world.token(world.omar)})
    world.write(world.operator, world.mine, "had")
    change(first)
    first.close()
    world.write(world.operator, world.mine, "missed")
    second = connect()
    join(second, "late", payload, world.token(world.omar))
    assert ("missed", True) in texts(second, 2)
    assert report(second)["complete"] is True


def test_that_nothing_is_told_twice_to_those_who_did_not_ask(world: World, connect: Connect) -> None:
    first = connect()
    join(first, "plain", listening(INSERTS), world.token(world.omar))
    first.close()
    world.write(world.operator, world.mine, "missed for good")
    second = connect()
    join(second, "plain", listening(INSERTS), world.token(world.omar))
    assert second.silent(event="postgres_changes")


def test_that_one_persons_missed_changes_are_never_anothers(world: World, connect: Connect) -> None:
    first = connect()
    join(first, "mixed", listening(INSERTS, **RESUMING), world.token(world.omar))
    first.close()
    world.write(world.operator, world.mine, "for Omar only")
    other = connect()
    join(other, "mixed", listening(INSERTS, **RESUMING), world.token(world.sara))
    assert report(other)["complete"] is False
    assert other.silent(event="postgres_changes")


def test_that_a_second_heartbeat_marks_messages_delivered(world: World, connect: Connect) -> None:
    booking = world.server.create_booking(world.omar)
    client = connect()
    binding = INSERTS | {"filter": f"booking_id=eq.{booking}"}
    join(client, f"messages:{booking}", listening(binding), world.token(world.omar))
    world.write(world.operator, booking, "is it delivered?")
    position = change(client)["data"]["record"]["position"]
    client.heartbeat()
    assert delivered(world, booking) == 0
    client.heartbeat()
    client.heartbeat()
    wait_until(lambda: delivered(world, booking) == position)


def test_that_a_message_it_was_never_sent_keeps_later_ones_undelivered(world: World, connect: Connect) -> None:
    """A tick says of everything up to it that it was had."""
    booking = world.server.create_booking(world.omar)
    world.write(world.operator, booking, "before the app was there")
    client = connect()
    join(client, f"messages:{booking}", listening(INSERTS), world.token(world.omar))
    world.write(world.operator, booking, "while it is")
    change(client)
    for _ in range(3):
        client.heartbeat()
    world.write(world.omar, booking, "an answer")
    change(client)
    assert delivered(world, booking) == 0


def report(client: PhoenixClient) -> dict[str, Any]:
    """What the server says of the resuming."""
    while True:
        told: dict[str, Any] = client.next("system").payload
        if told["extension"] == "fieldline":
            return told


def delivered(world: World, booking: str) -> int:
    tables = world.operator.get(f"/sync/v1/bookings/{booking}").json()["tables"]
    marks = [row["delivered_position"] for row in tables["receipts"] if row["side"] == "customer"]
    return max(marks, default=0)


def test_that_heartbeats_without_a_reference_prove_nothing(world: World, connect: Connect) -> None:
    """Python's client sends those and reads no replies."""
    booking = world.server.create_booking(world.omar)
    client = connect("1.0.0")
    join(client, f"messages:{booking}", listening(INSERTS), world.token(world.omar))
    world.write(world.operator, booking, "sent, no more")
    change(client)
    for _ in range(3):
        client.socket.send('{"event":"heartbeat","payload":{},"topic":"phoenix","ref":null}')
        client.next("phx_reply", topic="phoenix")
    world.act(world.operator, "message.send", booking, text=new_id())
    change(client)
    assert delivered(world, booking) == 0
