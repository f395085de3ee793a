"""What we add to Supabase's wire: missed changes after a rejoin, and receipts of clients that cannot give any."""

from contract.ids import new_id
from tests.server.doors.supabase.realtime.conftest import Connect, World, change, join, listening
from tests.support.phoenix_client import PhoenixClient

INSERTS = {"event": "INSERT", "table": "messages"}
RESUMING = {"fieldline": {"resume": True}}


def texts(client: PhoenixClient, count: int) -> list[tuple[str, bool]]:
    found = [change(client)["data"] for _ in range(count)]
    return [(one["record"]["message"], one.get("replayed", False)) for one in found]


def test_that_what_was_missed_comes_after_the_rejoin_in_order_and_marked(world: World, connect: Connect) -> None:
    payload = listening(INSERTS, **RESUMING)
    first = connect()
    join(first, "resume", payload, world.token(world.omar))
    first.close()
    for text in ("one", "two", "three"):
        world.write(world.operator, world.mine, text)
    second = connect()
    join(second, "resume", payload, world.token(world.omar))
    assert texts(second, 3) == [("one", True), ("two", True), ("three", True)]
    assert second.next("system", topic="realtime:resume").payload["extension"] == "postgres_changes"
    assert second.next("system").payload["complete"] is True
    world.write(world.operator, world.mine, "four")
    assert texts(second, 1) == [("four", False)]


def test_that_an_app_that_names_what_it_has_gets_just_the_rest(world: World, connect: Connect) -> None:
    first = connect()
    join(first, "a", listening(INSERTS), world.token(world.omar))
    world.write(world.operator, world.mine, "had")
    seq = change(first)["data"]["seq"]
    world.write(world.operator, world.mine, "missed")
    second = connect()
    named = listening(INSERTS, fieldline={"resume": {"after": seq}})
    join(second, "a", named, world.token(world.omar))
    assert texts(second, 1) == [("missed", True)]
    assert second.silent(event="postgres_changes")


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
    join(other, "mixed", listening(INSERTS, fieldline={"resume": {"after": 0}}), world.token(world.sara))
    other.heartbeat()
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
    while delivered(world, booking) < position:
        pass


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
