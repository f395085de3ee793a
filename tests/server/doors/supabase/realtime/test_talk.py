"""Broadcast and presence between apps: who hears whom, in which form."""

import struct
from typing import Any

import pytest

from contract.binary_frames import BinaryBroadcast, decode_broadcast, encode_broadcast
from contract.frames import BadFrame
from tests.server.doors.supabase.realtime.conftest import Connect, World, join
from tests.support.sync_client import SyncClient, message, slow_connection


def said(event: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"type": "broadcast", "event": event, "payload": payload}


def kind_3(topic: str, event: str, payload: bytes, *, json: bool = True) -> bytes:
    names = [b"1", b"9", topic.encode(), event.encode(), b""]
    return struct.pack("7B", 3, *map(len, names), int(json)) + b"".join(names) + payload


@pytest.mark.parametrize("vsn", ["1.0.0", "2.0.0"])
def test_that_a_broadcast_reaches_the_others_and_not_its_sender(world: World, connect: Connect, vsn: str) -> None:
    one, other = connect(vsn), connect()
    for client, who in ((one, world.omar), (other, world.operator)):
        join(client, f"chat:{world.mine}", {"config": {"broadcast": {"ack": True}}}, world.token(who))
    topic = f"realtime:chat:{world.mine}"
    assert one.ask(topic, "broadcast", said("wave", {"n": 1})).ok
    heard = other.next("broadcast")
    assert (heard.ref, heard.payload) == (None, said("wave", {"n": 1}))
    assert one.silent(event="broadcast")


def test_that_who_asks_to_hear_itself_does(world: World, connect: Connect) -> None:
    client = connect()
    join(client, "echo", {"config": {"broadcast": {"self": True}}}, world.token(world.omar))
    client.send("realtime:echo", "broadcast", said("wave", {}))
    assert client.next("broadcast").payload["event"] == "wave"


def test_that_a_binary_broadcast_reaches_old_clients_as_text(world: World, connect: Connect) -> None:
    sender, old, new = connect(), connect("1.0.0"), connect()
    for client in (sender, old, new):
        join(client, "binary", {"config": {}}, world.token(world.omar))
    sender.socket.send(kind_3("realtime:binary", "typing", '{"é":"ü"}'.encode()))
    for client in (old, new):
        assert client.next("broadcast").payload == said("typing", {"é": "ü"})


def test_that_a_text_that_is_no_utf8_reaches_nobody(world: World, connect: Connect) -> None:
    """A browser must end its connection over it."""
    sender, other = connect(), connect()
    for client in (sender, other):
        join(client, "utf8", {"config": {}}, world.token(world.omar))
    frame = b'["1","9","realtime:utf8","broadcast",{"type":"broadcast","event":"e","payload":{"a":"\xff\xfe"}}]'
    sender.socket.send(frame, text=True)
    assert not sender.next("phx_reply", ref="9").ok
    assert other.silent(event="broadcast")


def test_that_bytes_reach_new_clients_as_bytes(world: World, connect: Connect) -> None:
    sender, new = connect(), connect()
    for client in (sender, new):
        join(client, "bytes", {"config": {"presence": {"enabled": False}}}, world.token(world.omar))
    sender.socket.send(kind_3("realtime:bytes", "blob", b"\x00\xff", json=False))
    assert new.socket.recv(20) == encode_broadcast("realtime:bytes", "blob", b"\x00\xff", json=False)


def test_that_a_booking_goes_by_id_and_code_into_one_room(world: World, connect: Connect) -> None:
    one, other = connect(), connect()
    join(one, f"typing:{world.mine}", {"config": {}}, world.token(world.omar))
    join(other, f"typing:{world.code}", {"config": {}}, world.token(world.operator))
    one.send(f"realtime:typing:{world.mine}", "broadcast", said("typing", {}))
    assert other.next("broadcast").topic == f"realtime:typing:{world.code}"


def test_that_a_name_too_long_for_a_binary_frame_is_refused(world: World, connect: Connect) -> None:
    """Otherwise another's binary broadcast could not be told to this member."""
    padded = f"typing:{' ' * 250}{world.mine}"
    reply = join(connect(), padded, {"config": {}}, world.token(world.omar))
    assert "255 bytes at most" in reply.response["reason"]


def test_that_strangers_neither_hear_nor_speak_in_a_bookings_room(world: World, connect: Connect) -> None:
    inside, outside, nobody = connect(), connect(), connect()
    name = f"chat:{world.mine}"
    topic = f"realtime:{name}"
    join(inside, name, {"config": {}}, world.token(world.operator))
    assert join(outside, name, {"config": {}}, world.token(world.sara)).ok
    assert join(nobody, name, {"config": {}}).ok
    for client in (outside, nobody):
        answer = client.ask(topic, "broadcast", said("hi", {}))
        assert not answer.ok
        assert answer.response["reason"].startswith("Unauthorized")
        assert not client.ask(topic, "presence", {"event": "track", "payload": {}}).ok
    inside.send(topic, "broadcast", said("secret", {}))
    inside.heartbeat()
    assert outside.silent(event="broadcast")
    assert nobody.silent(event="broadcast")
    assert inside.silent(event="broadcast")


def test_that_a_private_channel_refuses_whoever_may_not_be_there(world: World, connect: Connect) -> None:
    reply = join(connect(), f"chat:{world.mine}", {"config": {"private": True}}, world.token(world.sara))
    assert not reply.ok
    assert reply.response["reason"].startswith("Unauthorized: You do not have permissions to read from")


def test_that_presence_tells_who_is_there_who_comes_and_who_goes(world: World, connect: Connect) -> None:
    first, second = connect(), connect("1.0.0")
    topic = f"realtime:typing:{world.mine}"
    keyed = {"config": {"presence": {"key": "omar"}}}
    join(first, f"typing:{world.mine}", keyed, world.token(world.omar))
    assert first.next("presence_state").payload == {}
    assert first.ask(topic, "presence", {"type": "presence", "event": "track", "payload": {"typing": True}}).ok
    [meta] = first.next("presence_diff").payload["joins"]["omar"]["metas"]
    assert meta["typing"] is True and meta["phx_ref"]
    join(second, f"typing:{world.mine}", {"config": {}}, world.token(world.operator))
    assert second.next("presence_state").payload["omar"]["metas"][0]["typing"] is True
    assert first.ask(topic, "presence", {"event": "untrack"}).ok
    assert second.next("presence_diff").payload["leaves"]["omar"]["metas"][0]["phx_ref"] == meta["phx_ref"]


def test_that_who_tracks_before_showing_a_token_is_seen_once_it_is_shown(world: World, connect: Connect) -> None:
    inside, early, late = connect(), connect(), connect()
    topic = "realtime:early"
    join(inside, "early", {"config": {}}, world.token(world.operator))
    for client, key in ((early, "omar"), (late, "changed his mind")):
        join(client, "early", {"config": {"presence": {"key": key}}})
        assert not client.ask(topic, "presence", {"event": "track", "payload": {"here": True}}).ok
    assert not late.ask(topic, "presence", {"event": "untrack"}).ok
    for client in (late, early):
        client.send(topic, "access_token", {"access_token": world.token(world.omar)})
        assert client.next("presence_state").payload == {}
        assert client.next("presence_state").payload == {}
    diff = inside.next("presence_diff").payload
    assert [meta["here"] for meta in diff["joins"]["omar"]["metas"]] == [True]
    assert list(diff["joins"]) == ["omar"]


def test_that_a_lost_socket_is_told_as_a_leave(world: World, connect: Connect) -> None:
    first, second = connect(), connect()
    for client, who, key in ((first, world.omar, "o"), (second, world.operator, "p")):
        join(client, "room", {"config": {"presence": {"key": key}}}, world.token(who))
    assert first.ask("realtime:room", "presence", {"event": "track", "payload": {}}).ok
    first.close()
    until = second.next("presence_diff")
    while "o" not in until.payload["leaves"]:
        until = second.next("presence_diff")


def test_that_whoever_loses_the_booking_leaves_its_room(world: World, connect: Connect) -> None:
    """A technician's job is given to another."""
    booking = world.server.create_booking(world.omar, "techcare")
    tom = world.tom.get("/auth/v1/user").json()["id"]
    world.act(world.operator, "booking.assign", booking, provider_id=tom)
    inside, client = connect(), connect()
    for one, who in ((inside, world.operator), (client, world.tom)):
        join(one, f"chat:{booking}", {"config": {"broadcast": {"ack": True}}}, world.token(who))
    topic = f"realtime:chat:{booking}"
    assert client.ask(topic, "broadcast", said("here", {})).ok
    world.act(world.operator, "booking.assign", booking, provider_id=None)
    assert not client.ask(topic, "broadcast", said("still here", {})).ok
    inside.send(topic, "broadcast", said("secret", {}))
    assert client.silent(event="broadcast")


@pytest.mark.parametrize(
    "broken", [b"", b"\x04\x00", b"\x03\xff\x01\x01\x01\x01\x01a", b"\x03\x00\x00\x01\x01\x00\x01\xff\xff"]
)
def test_that_what_is_no_broadcast_is_told_apart(broken: bytes) -> None:
    with pytest.raises(BadFrame):
        decode_broadcast(broken)


def test_that_a_binary_broadcast_is_read_back_whole() -> None:
    found = decode_broadcast(kind_3("realtime:x", "é", b'{"a":1}'))
    assert found == BinaryBroadcast("1", "9", "realtime:x", "é", json=True, payload=b'{"a":1}')


def test_that_talk_neither_cuts_a_slow_reader_nor_takes_its_rows_room_and_who_is_there_is_told_once_it_reads(
    world: World, connect: Connect
) -> None:
    talker, operator, typing = connect(), world.token(world.operator), f"typing:{world.mine}"
    name, cut = f"chat:{world.mine}", cut_readers(world)
    sleepy: dict[str, Any] = {"max_queue": 1, "sock": slow_connection(world.server)}
    join(talker, name, {"config": {"broadcast": {"ack": True}}}, world.token(world.omar))
    with SyncClient(world.server, operator, **sleepy) as sleeper:
        sleeper.enter_now()
        join(sleeper, name, {"config": {}}, operator)
        assert sleeper.join(typing, {}).ok
        assert [sleeper.next("presence_state").payload for _ in range(2)] == [{}, {}]
        for number in range(FLOOD):
            assert talker.ask(f"realtime:{name}", "broadcast", said("flood", {"n": number, "all": "x" * 100_000})).ok
        for _ in range(2):  # as much as the backlog takes, but for what talk had of it
            operations = [message(world.mine, "x" * 8_000) for _ in range(45)]
            assert world.omar.post("/sync/v1/ops", json={"device_id": "test", "ops": operations}).status_code == 200
        for number in (1, 2):
            talker.ask(f"realtime:{name}", "presence", {"event": "track", "payload": {"n": number}})
        assert talker.join(typing, {"access_token": world.token(world.omar)}).ok
        for on in (True, False, True):
            talker.ask(typing, "presence", {"event": "track", "payload": {"typing": on}})
        assert cut_readers(world) == cut
        assert len(sleeper.take(90, table="messages")) == 90
        [[meta]] = [one["metas"] for one in sleeper.next("presence_state", f"realtime:{name}").payload.values()]
        assert meta["n"] == 2
        [[meta]] = [one["metas"] for one in sleeper.next("presence_state", typing).payload.values()]
        assert meta["typing"] is True
        talker.ask(f"realtime:{name}", "presence", {"event": "untrack"})
        assert sleeper.next("presence_diff", f"realtime:{name}").payload["leaves"]
        assert 0 < sum(frame.event == "broadcast" for frame in sleeper.waiting) < FLOOD


FLOOD = 100
"""Broadcasts of 100 KB: more than the system's own buffers hold."""


def cut_readers(world: World) -> float:
    text = world.operator.get("/metrics").text
    return float(next(line for line in text.splitlines() if line.startswith("fieldline_slow_readers_cut")).split()[1])
